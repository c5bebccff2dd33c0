/* SPDX-License-Identifier: MIT */
/* lwIP's options, for a server: what differs from its defaults, and why. */
#ifndef ATMAN_NET_LWIP_OPTIONS_H
#define ATMAN_NET_LWIP_OPTIONS_H

/* All of it runs under net_lock (net/stack.h); it knows no threads, and its timers are
 * net/timers.c's. */
#define NO_SYS 1
#define LWIP_TIMERS 0
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1

/* Memory is the runtime's own, a record at a time, so nothing is limited in number. */
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC net_memory
#define MEM_CUSTOM_CALLOC net_memory_zeroed
#define MEM_CUSTOM_FREE net_memory_free
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define PBUF_POOL_SIZE 0
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define LWIP_PBUF_REF_T unsigned
/* What waits for an address to be resolved is copied, unless it has memory of its own: a
 * stream's data may go meanwhile. */
#define PBUF_NEEDS_COPY(p)                                                                 \
    (!((p)->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) &&                      \
     !((p)->flags & PBUF_FLAG_IS_CUSTOM))
void *net_memory(unsigned long size);
void *net_memory_zeroed(unsigned long count, unsigned long size);
void net_memory_free(void *memory);

/* Interfaces: ours is the loopback (net/loop.c), by which what goes to our own addresses is
 * routed as well. */
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHKSUM net_checksum
unsigned short net_checksum(const void *data, int size);
#define LWIP_HOOK_FILENAME "net/lwip/hooks.h"
#define LWIP_HOOK_TCP_ISN net_first_sequence
#define LWIP_HOOK_IP4_ROUTE_SRC net_route4
#define LWIP_HOOK_IP6_ROUTE net_route6
#define LWIP_HOOK_IP4_INPUT net_look4
#define LWIP_HOOK_IP6_INPUT net_look6

/* IP */
#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define IP_FORWARD 0
#define IP_REASS_MAX_PBUFS 512
#define IP_REASS_MAXAGE 30
#define IP_DEFAULT_TTL 64
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 0
#define LWIP_IPV6_SCOPES 1
#define LWIP_IPV6_NUM_ADDRESSES 8
#define LWIP_IPV6_DHCP6 1
#define LWIP_IPV6_DHCP6_STATELESS 1
#define LWIP_IPV6_REASS 1
#define LWIP_IPV6_FRAG 1
#define IPV6_FRAG_COPYHEADER 1
#define LWIP_ICMP 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0
#define LWIP_IGMP 1
#define LWIP_IPV6_MLD 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define ARP_TABLE_SIZE 127
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 8
#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#define ETHARP_TABLE_MATCH_NETIF 1
#define LWIP_ND6_NUM_NEIGHBORS 64
#define LWIP_ND6_NUM_DESTINATIONS 64
#define LWIP_DHCP 1
/* The server has looked whether an address is in use; to look again takes seconds. */
#define LWIP_ACD 0
#define LWIP_DHCP_DOES_ACD_CHECK 0
/* The C library asks by itself: net/resolver.c is in core/dns.c's place, and only learns of
 * the servers. */
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 3
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 3
#define LWIP_RAW 1

/* UDP */
#define LWIP_UDP 1
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1

/* TCP. The loopback's segments are as large as an IP packet can be: the checks are for what
 * of the sequential interface is not there. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#define LWIP_TCP 1
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 6
#define TCP_MSS 65495
#define TCP_WND (2 * 1024 * 1024)
#define TCP_WND_UPDATE_THRESHOLD 16384
#define TCP_SND_BUF (8 * 1024 * 1024) /* net/stream.c has limits of its own */
#define TCP_SND_QUEUELEN 0xfff0
#define TCP_SNDLOWAT 2048
#define TCP_SNDQUEUELOWAT 4
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_BYTES TCP_WND
#define TCP_OVERSIZE 0
#define TCP_LISTEN_BACKLOG 1
#define TCP_DEFAULT_LISTEN_BACKLOG 255
#define TCP_TMR_INTERVAL 50 /* ms: acknowledgements are delayed that long at most */
#define TCP_MSL 30000
#define TCP_SYNMAXRTX 6
#define TCP_MAXRTX 12
#define LWIP_TCP_RTO_TIME 1000

#endif
