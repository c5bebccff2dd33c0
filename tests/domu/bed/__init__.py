# SPDX-License-Identifier: MIT
"""The test bed: Xen and a Linux control domain under QEMU; see docs/test-bed.md."""
