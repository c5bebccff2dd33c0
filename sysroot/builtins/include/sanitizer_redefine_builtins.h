/* SPDX-License-Identifier: MIT */
/* Upstream's gives sanitizers their own memcpy and the like, which the minimal runtime of
 * UBSan does not call. */
