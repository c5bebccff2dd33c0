# SPDX-License-Identifier: MIT
# lwIP's files and folders, for the runtime and for tests: lwip_sources, and the folders of
# its headers and of our configuration, lwip_folders. The files are not ours to warn about.
get_property(lwip GLOBAL PROPERTY ATMAN_LWIP)
set(lwip_folders "${lwip}/include" "${CMAKE_CURRENT_LIST_DIR}/lwip")
set(lwip_options -w -O2 -Dhtonl=lwip_htonl)
set(lwip_sources
  "${lwip}/core/def.c" "${lwip}/core/inet_chksum.c" "${lwip}/core/init.c" "${lwip}/core/ip.c"
  "${lwip}/core/mem.c" "${lwip}/core/memp.c" "${lwip}/core/netif.c" "${lwip}/core/pbuf.c"
  "${lwip}/core/raw.c" "${lwip}/core/tcp.c" "${lwip}/core/tcp_in.c" "${lwip}/core/tcp_out.c"
  "${lwip}/core/udp.c"
  "${lwip}/core/ipv4/dhcp.c" "${lwip}/core/ipv4/etharp.c"
  "${lwip}/core/ipv4/icmp.c" "${lwip}/core/ipv4/igmp.c" "${lwip}/core/ipv4/ip4.c"
  "${lwip}/core/ipv4/ip4_addr.c" "${lwip}/core/ipv4/ip4_frag.c"
  "${lwip}/core/ipv6/dhcp6.c" "${lwip}/core/ipv6/ethip6.c" "${lwip}/core/ipv6/icmp6.c"
  "${lwip}/core/ipv6/inet6.c" "${lwip}/core/ipv6/ip6.c" "${lwip}/core/ipv6/ip6_addr.c"
  "${lwip}/core/ipv6/ip6_frag.c" "${lwip}/core/ipv6/mld6.c" "${lwip}/core/ipv6/nd6.c"
  "${lwip}/netif/ethernet.c")
