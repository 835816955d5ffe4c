/*
 * Grants v3: what guests and the hypervisor exchange. docs/grant-v3.md is the specification.
 * Generated from grantlab.api.abi; C99, little endian.
 */
#ifndef GRANT_TABLE_V3_H
#define GRANT_TABLE_V3_H

#include <stdint.h>

/* Operations of grant_table_op */
#define GNTTABOP_v3_query 13
#define GNTTABOP_v3_tree_create 14
#define GNTTABOP_v3_tree_update 15
#define GNTTABOP_v3_tree_destroy 16
#define GNTTABOP_v3_map 17
#define GNTTABOP_v3_unmap 18
#define GNTTABOP_v3_copy 19
#define GNTTABOP_v3_revoke 20
#define GNTTABOP_v3_set_access 21
#define GNTTABOP_v3_invalidate 22
#define GNTTABOP_v3_sync 23
#define GNTTABOP_v3_probe 24
#define GNTTABOP_v3_ring_register 25
#define GNTTABOP_v3_grantee_ctl 26

/* Calls of the toolstack */
#define XEN_DOMCTL_vdomid_bind 0x3301
#define XEN_DOMCTL_gnt_quota 0x3302
#define XEN_DOMCTL_gnt_policy 0x3303

/* Answers beside those of grant_table.h */
#define GNTST_stale (-14)
#define GNTST_revoked (-15)
#define GNTST_not_revocable (-16)
#define GNTST_busy (-17)
#define GNTST_bad_tree (-18)
#define GNTST_bad_size (-19)
#define GNTST_quota (-20)
#define GNTST_unstable (-21)
#define GNTST_unsupported (-22)
#define GNTST_paused (-23)
#define GNTST_inval (-24)
#define GNTST_residual (-25)
#define GNTST_overflow (-26)

/* An entry */
#define GNTTAB_V3_ENTRY_EMPTY 0u
#define GNTTAB_V3_ENTRY_TABLE 1u
#define GNTTAB_V3_ENTRY_LEAF 2u
#define GNTTAB_V3_ENTRY_TOMBSTONE 3u
#define GNTTAB_V3_ENTRY_TYPE_MASK 0x3u
#define GNTTAB_V3_ENTRY_W 0x4u
#define GNTTAB_V3_ENTRY_DEV 0x8u
#define GNTTAB_V3_ENTRY_COPY_ONLY 0x10u
#define GNTTAB_V3_ENTRY_NOTIFY 0x20u
#define GNTTAB_V3_ENTRY_ATTACHED 0x40u
#define GNTTAB_V3_ENTRY_MAPPED_R 0x200u
#define GNTTAB_V3_ENTRY_MAPPED_W 0x400u
#define GNTTAB_V3_ENTRY_W_SEEN 0x800u
#define GNTTAB_V3_ENTRY_FRAME_MASK UINT64_C(0xffffffffff000)
#define GNTTAB_V3_ENTRY_SW_MASK UINT64_C(0x7f0000000000000)
#define GNTTAB_V3_ENTRY_GEN_MASK UINT64_C(0x7800000000000000)
#define GNTTAB_V3_ENTRY_FRAME_SHIFT 12u
#define GNTTAB_V3_ENTRY_SW_SHIFT 52u
#define GNTTAB_V3_ENTRY_GEN_SHIFT 59u
#define GNTTAB_V3_ENTRY_LEVEL_BITS 9u

struct gnttab_v3_head {
    uint16_t struct_size;
    uint16_t version;
    uint32_t flags;
};
#define GNTTAB_V3_HEAD_THREE 3u

struct gnttab_v3_batch {
    struct gnttab_v3_head head;
    uint64_t first_gfn;
    uint32_t offset;
    uint32_t count;
    uint32_t done;
    uint32_t element_size;
};

struct gnttab_v3_query {
    struct gnttab_v3_head head;
    uint32_t features;
    uint16_t page_shift;
    uint8_t max_levels;
    uint8_t orders;
    uint32_t max_trees;
    uint32_t max_ring_pages;
    uint64_t index_limit;
    uint64_t records_quota;
    uint64_t records_used;
    uint32_t cpu_fates;
    uint32_t dev_fates;
    int32_t status;
    uint32_t zero_60;
};
#define GNTTAB_V3_QUERY_REVOKE 0x1u
#define GNTTAB_V3_QUERY_REVOKE_FLAT 0x2u
#define GNTTAB_V3_QUERY_ASYNC 0x4u
#define GNTTAB_V3_QUERY_DOWNGRADE 0x8u
#define GNTTAB_V3_QUERY_DEVICE 0x10u
#define GNTTAB_V3_QUERY_INJECT 0x20u

struct gnttab_v3_tree_create {
    struct gnttab_v3_head head;
    uint16_t peer;
    uint8_t levels;
    uint8_t page_shift;
    uint16_t slot;
    uint8_t gen;
    uint8_t zero_15;
    uint64_t root_gfn;
    uint64_t index_limit;
    uint64_t max_mappings;
    uint64_t cookie;
    uint32_t ring_id;
    uint32_t dev_id;
    uint64_t max_active;
    uint32_t peer_epoch;
    int32_t status;
    uint64_t base_ref;
    uint64_t zero_80[2];
};
#define GNTTAB_V3_TREE_CREATE_FIXED_ID 0x1u
#define GNTTAB_V3_TREE_CREATE_REVOCABLE_ONLY 0x2u
#define GNTTAB_V3_TREE_CREATE_DEVICE 0x4u
#define GNTTAB_V3_TREE_CREATE_LARGE_OK 0x8u
#define GNTTAB_V3_TREE_CREATE_LEND 0x10u
#define GNTTAB_V3_TREE_CREATE_REVOKE_ON_DEATH 0x20u
#define GNTTAB_V3_TREE_CREATE_AUTO_RESUME 0x40u
#define GNTTAB_V3_TREE_CREATE_PAUSED 0x80u
#define GNTTAB_V3_TREE_CREATE_NONE 0xffffffffu

struct gnttab_v3_tree_update {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t levels;
    uint32_t epoch;
    uint64_t root;
    uint64_t index_limit;
    uint64_t max_mappings;
    uint64_t max_active;
    int32_t status;
    uint32_t zero_52;
    uint64_t zero_56;
};
#define GNTTAB_V3_TREE_UPDATE_PAUSE 0x1u
#define GNTTAB_V3_TREE_UPDATE_RESUME 0x2u
#define GNTTAB_V3_TREE_UPDATE_LIMITS 0x4u
#define GNTTAB_V3_TREE_UPDATE_GROW 0x8u

struct gnttab_v3_tree_destroy {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t zero_11;
    uint32_t zero_12;
    uint64_t done;
    int32_t status;
    uint32_t zero_28;
};
#define GNTTAB_V3_TREE_DESTROY_REVOKE 0x1u

struct gnttab_v3_map {
    uint64_t ref;
    uint64_t dest;
    uint16_t peer;
    uint16_t flags;
    uint8_t order_req;
    uint8_t order_min;
    uint16_t zero_22;
    uint32_t count;
    uint32_t done;
    uint64_t handle;
    uint64_t dev_addr;
    uint32_t epoch;
    uint8_t order_got;
    uint8_t entry_gen;
    uint16_t zero_54;
    int32_t status;
    uint32_t zero_60;
};
#define GNTTAB_V3_MAP_WRITE 0x1u
#define GNTTAB_V3_MAP_HOST 0x2u
#define GNTTAB_V3_MAP_DEVICE 0x4u
#define GNTTAB_V3_MAP_ALLOW_SPLIT 0x8u
#define GNTTAB_V3_MAP_ACCEPT_FAULT 0x10u
#define GNTTAB_V3_MAP_ACCEPT_ZERO 0x20u
#define GNTTAB_V3_MAP_ACCEPT_SNAPSHOT 0x40u
#define GNTTAB_V3_MAP_ACCEPT_SINK 0x80u
#define GNTTAB_V3_MAP_ACCEPT_DOWNGRADE 0x100u
#define GNTTAB_V3_MAP_DEST_PTE 0x200u
#define GNTTAB_V3_MAP_MERGE 0x400u
#define GNTTAB_V3_MAP_BEST 255u

struct gnttab_v3_unmap {
    uint64_t handle;
    uint32_t first;
    uint32_t count;
    uint32_t flags;
    uint32_t done;
    uint64_t zero_24;
    int32_t status;
    uint32_t zero_36;
};
#define GNTTAB_V3_UNMAP_KEEP_RESERVED 0x1u

struct gnttab_v3_copy {
    uint64_t local_gfn;
    uint64_t ref;
    uint32_t local_offset;
    uint32_t remote_offset;
    uint32_t length;
    uint16_t peer;
    uint16_t flags;
    uint32_t done;
    uint32_t epoch;
    uint64_t zero_40[2];
    int32_t status;
    uint32_t zero_60;
};
#define GNTTAB_V3_COPY_TO_REMOTE 0x1u

struct gnttab_v3_revoke {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t cpu_fate;
    uint8_t dev_fate;
    uint8_t zero_13[3];
    uint64_t first;
    uint64_t count;
    uint64_t scratch_gfn;
    uint64_t zero_40;
    uint64_t cookie;
    uint64_t revoke_id;
    uint64_t done;
    uint32_t replaced;
    uint32_t unmapped;
    int32_t status;
    uint32_t result;
    uint64_t zero_88;
};
#define GNTTAB_V3_REVOKE_SOFT 0x1u
#define GNTTAB_V3_REVOKE_FORCE 0x2u
#define GNTTAB_V3_REVOKE_ASYNC 0x4u
#define GNTTAB_V3_REVOKE_WHOLE_TREE 0x8u
#define GNTTAB_V3_REVOKE_KEEP_LEAF 0x10u
#define GNTTAB_V3_REVOKE_QUERY_ONLY 0x20u
#define GNTTAB_V3_REVOKE_CPU_FAULT 0u
#define GNTTAB_V3_REVOKE_CPU_ZERO 1u
#define GNTTAB_V3_REVOKE_CPU_SNAPSHOT 2u
#define GNTTAB_V3_REVOKE_DEV_BLOCK 0u
#define GNTTAB_V3_REVOKE_DEV_SINK_WO 1u
#define GNTTAB_V3_REVOKE_NO_SCRATCH UINT64_C(0xffffffffffffffff)
#define GNTTAB_V3_REVOKE_SOFT_PENDING 0x1u
#define GNTTAB_V3_REVOKE_DRAIN_PENDING 0x2u
#define GNTTAB_V3_REVOKE_RESIDUAL_REFS 0x4u
#define GNTTAB_V3_REVOKE_FELL_BACK_TO_BLOCK 0x8u

struct gnttab_v3_set_access {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t access;
    uint32_t zero_12;
    uint64_t first;
    uint64_t count;
    uint32_t policy;
    uint32_t zero_36;
    uint64_t cookie;
    uint64_t done;
    int32_t status;
    uint32_t zero_60;
};
#define GNTTAB_V3_SET_ACCESS_READ_ONLY 0u
#define GNTTAB_V3_SET_ACCESS_READ_WRITE 1u
#define GNTTAB_V3_SET_ACCESS_POLICY_FAULT 0u
#define GNTTAB_V3_SET_ACCESS_POLICY_DISCARD 1u

struct gnttab_v3_invalidate {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t level;
    uint32_t zero_12;
    uint64_t prefix;
    int32_t status;
    uint32_t zero_28;
};

struct gnttab_v3_sync {
    struct gnttab_v3_head head;
    uint16_t slot;
    uint8_t gen;
    uint8_t zero_11;
    uint32_t zero_12;
    uint64_t first;
    uint64_t count;
    uint64_t done;
    int32_t status;
    uint32_t zero_44;
};

struct gnttab_v3_probe {
    struct gnttab_v3_head head;
    uint16_t peer;
    uint8_t mode;
    uint8_t zero_11;
    uint32_t dev_id;
    uint64_t ref;
    uint32_t count;
    uint32_t done;
    uint64_t result_gfn;
    uint64_t zero_40[2];
    int32_t status;
    uint32_t zero_60;
};
#define GNTTAB_V3_PROBE_TREES 0u
#define GNTTAB_V3_PROBE_RANGE 1u
#define GNTTAB_V3_PROBE_ANY_DEVICE 0xffffffffu
#define GNTTAB_V3_PROBE_WORD_SIZE 2u
#define GNTTAB_V3_PROBE_WORD_READ 1u
#define GNTTAB_V3_PROBE_WORD_WRITE 2u
#define GNTTAB_V3_PROBE_WORD_DEVICE 4u
#define GNTTAB_V3_PROBE_WORD_COPY_ONLY 8u
#define GNTTAB_V3_PROBE_WORD_REVOKED 16u
#define GNTTAB_V3_PROBE_WORD_ORDER_SHIFT 8u

struct gnttab_v3_tree_record {
    uint16_t slot;
    uint8_t gen;
    uint8_t levels;
    uint32_t flags;
    uint64_t index_limit;
    uint32_t epoch;
    uint32_t dev_id;
    uint64_t base_ref;
};

struct gnttab_v3_ring_register {
    struct gnttab_v3_head head;
    uint64_t list_gfn;
    uint32_t pages;
    uint32_t port;
    uint32_t ring_id;
    uint32_t kind;
    int32_t status;
    uint32_t zero_36;
};
#define GNTTAB_V3_RING_REGISTER_REMOVE 0x1u
#define GNTTAB_V3_RING_REGISTER_GRANTER 0u
#define GNTTAB_V3_RING_REGISTER_GRANTEE 1u

struct gnttab_v3_ring_header {
    uint32_t magic;
    uint16_t entry_size;
    uint16_t log2_entries;
    uint32_t prod;
    uint32_t prod_flags;
    uint64_t lost;
    uint64_t zero_24[5];
    uint32_t cons;
    uint32_t event_idx;
    uint64_t zero_72[55];
    uint64_t dirty[64];
    uint64_t zero_1024[384];
};
#define GNTTAB_V3_RING_HEADER_OVERFLOW 0x1u
#define GNTTAB_V3_RING_HEADER_MAGIC_VALUE 0x33524e47u

struct gnttab_v3_ring_entry {
    uint64_t first;
    uint16_t slot;
    uint8_t gen;
    uint8_t flags;
    uint32_t count;
    uint16_t type;
    uint8_t order;
    uint8_t reason;
    uint32_t seq;
    uint64_t cookie;
};
#define GNTTAB_V3_RING_ENTRY_UNMAPPED 1u
#define GNTTAB_V3_RING_ENTRY_REVOKE_DONE 2u
#define GNTTAB_V3_RING_ENTRY_REVOKE_PARTIAL 3u
#define GNTTAB_V3_RING_ENTRY_DOWNGRADE_DONE 4u
#define GNTTAB_V3_RING_ENTRY_GRANTEE_DEAD 5u
#define GNTTAB_V3_RING_ENTRY_VDOMID_REBOUND 6u
#define GNTTAB_V3_RING_ENTRY_QUOTA_HIT 7u
#define GNTTAB_V3_RING_ENTRY_REVOKE_REQUEST 16u
#define GNTTAB_V3_RING_ENTRY_REVOKED 17u
#define GNTTAB_V3_RING_ENTRY_DOWNGRADED 18u
#define GNTTAB_V3_RING_ENTRY_FAULT 19u
#define GNTTAB_V3_RING_ENTRY_AVAILABLE 20u
#define GNTTAB_V3_RING_ENTRY_GRANTER_DEAD 21u
#define GNTTAB_V3_RING_ENTRY_TREE_PAUSED 22u
#define GNTTAB_V3_RING_ENTRY_TREE_RESUMED 23u
#define GNTTAB_V3_RING_ENTRY_FAULT_READ 0u
#define GNTTAB_V3_RING_ENTRY_FAULT_WRITE 1u
#define GNTTAB_V3_RING_ENTRY_FAULT_EXECUTE 2u

struct gnttab_v3_grantee_ctl {
    struct gnttab_v3_head head;
    uint32_t fault_mode;
    uint32_t ring_id;
    uint64_t reserve_list_gfn;
    uint32_t reserve_pages;
    uint32_t share;
    uint16_t granter;
    uint16_t zero_34;
    uint32_t legacy_fates;
    int32_t status;
    uint32_t zero_44;
};
#define GNTTAB_V3_GRANTEE_CTL_FAULT_MODE_SET 0x1u
#define GNTTAB_V3_GRANTEE_CTL_RING_SET 0x2u
#define GNTTAB_V3_GRANTEE_CTL_RESERVE_SET 0x4u
#define GNTTAB_V3_GRANTEE_CTL_SHARE_SET 0x8u
#define GNTTAB_V3_GRANTEE_CTL_LEGACY_FATES_SET 0x10u
#define GNTTAB_V3_GRANTEE_CTL_NONE 0u
#define GNTTAB_V3_GRANTEE_CTL_INJECT 1u

struct gnttab_v3_vdomid_bind {
    uint16_t owner;
    uint16_t vdomid;
    uint16_t real;
    uint16_t flags;
    uint32_t epoch;
    uint32_t zero_12;
    uint64_t zero_16;
};
#define GNTTAB_V3_VDOMID_BIND_AUTO_RESUME 0x1u
#define GNTTAB_V3_VDOMID_BIND_FORCE 0x2u
#define GNTTAB_V3_VDOMID_BIND_FIRST_VIRTUAL 0x8000u
#define GNTTAB_V3_VDOMID_BIND_VIRTUALS 4096u

struct gnttab_v3_quota {
    uint16_t domid;
    uint16_t trees;
    uint32_t share;
    uint64_t pages;
};

struct gnttab_v3_policy {
    uint16_t domid;
    uint16_t zero_2;
    uint32_t fates;
    uint64_t zero_8;
};
#define GNTTAB_V3_POLICY_DEV_FATES_SHIFT 16u

#endif /* GRANT_TABLE_V3_H */
