package grantlab.conformance.call;

import static grantlab.conformance.call.V3Field.in;
import static grantlab.conformance.call.V3Field.inOut;
import static grantlab.conformance.call.V3Field.out;
import static grantlab.conformance.call.V3Field.zero;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.V3Unmap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The structs with which guests call grants v3, field by field as in section 16 of the specification. The head of a struct
 * is three fields: {@code struct_size}, {@code version}, {@code flags}.
 */
public enum V3Form {
    /** v3_query. */
    QUERY(
            GnttabOp.V3_QUERY,
            V3Query.SIZE,
            headed(
                    out("features", V3Query.FEATURES, 4),
                    out("page_shift", V3Query.PAGE_SHIFT, 2),
                    out("max_levels", V3Query.MAX_LEVELS, 1),
                    out("orders", V3Query.ORDERS, 1),
                    out("max_trees", V3Query.MAX_TREES, 4),
                    out("max_ring_pages", V3Query.MAX_RING_PAGES, 4),
                    out("index_limit", V3Query.INDEX_LIMIT, 8),
                    out("records_quota", V3Query.RECORDS_QUOTA, 8),
                    out("records_used", V3Query.RECORDS_USED, 8),
                    out("cpu_fates", V3Query.CPU_FATES, 4),
                    out("dev_fates", V3Query.DEV_FATES, 4),
                    out("status", V3Query.STATUS, 4),
                    zero(V3Query.ZERO_60, 4))),

    /** v3_tree_create. */
    TREE_CREATE(
            GnttabOp.V3_TREE_CREATE,
            V3TreeCreate.SIZE,
            headed(
                    in("peer", V3TreeCreate.PEER, 2),
                    in("levels", V3TreeCreate.LEVELS, 1),
                    in("page_shift", V3TreeCreate.PAGE_SHIFT, 1),
                    inOut("slot", V3TreeCreate.SLOT, 2),
                    inOut("gen", V3TreeCreate.GEN, 1),
                    zero(V3TreeCreate.ZERO_15, 1),
                    in("root_gfn", V3TreeCreate.ROOT_GFN, 8),
                    in("index_limit", V3TreeCreate.INDEX_LIMIT, 8),
                    in("max_mappings", V3TreeCreate.MAX_MAPPINGS, 8),
                    in("cookie", V3TreeCreate.COOKIE, 8),
                    in("ring_id", V3TreeCreate.RING_ID, 4),
                    in("dev_id", V3TreeCreate.DEV_ID, 4),
                    in("max_active", V3TreeCreate.MAX_ACTIVE, 8),
                    out("peer_epoch", V3TreeCreate.PEER_EPOCH, 4),
                    out("status", V3TreeCreate.STATUS, 4),
                    out("base_ref", V3TreeCreate.BASE_REF, 8),
                    zero(V3TreeCreate.ZERO_80, 16))),

    /** v3_tree_update. */
    TREE_UPDATE(
            GnttabOp.V3_TREE_UPDATE,
            V3TreeUpdate.SIZE,
            headed(
                    in("slot", V3TreeUpdate.SLOT, 2),
                    in("gen", V3TreeUpdate.GEN, 1),
                    out("levels", V3TreeUpdate.LEVELS, 1),
                    in("epoch", V3TreeUpdate.EPOCH, 4),
                    in("root", V3TreeUpdate.ROOT, 8),
                    in("index_limit", V3TreeUpdate.INDEX_LIMIT, 8),
                    in("max_mappings", V3TreeUpdate.MAX_MAPPINGS, 8),
                    in("max_active", V3TreeUpdate.MAX_ACTIVE, 8),
                    out("status", V3TreeUpdate.STATUS, 4),
                    zero(V3TreeUpdate.ZERO_52, 4),
                    zero(V3TreeUpdate.ZERO_56, 8))),

    /** v3_tree_destroy. */
    TREE_DESTROY(
            GnttabOp.V3_TREE_DESTROY,
            V3TreeDestroy.SIZE,
            headed(
                    in("slot", V3TreeDestroy.SLOT, 2),
                    in("gen", V3TreeDestroy.GEN, 1),
                    zero(V3TreeDestroy.ZERO_11, 1),
                    zero(V3TreeDestroy.ZERO_12, 4),
                    inOut("done", V3TreeDestroy.DONE, 8),
                    out("status", V3TreeDestroy.STATUS, 4),
                    zero(V3TreeDestroy.ZERO_28, 4))),

    /** An element of v3_map. */
    MAP(
            GnttabOp.V3_MAP,
            V3Map.SIZE,
            element(
                    in("ref", V3Map.REF, 8),
                    in("dest", V3Map.DEST, 8),
                    in("peer", V3Map.PEER, 2),
                    in("flags", V3Map.FLAGS, 2),
                    in("order_req", V3Map.ORDER_REQ, 1),
                    in("order_min", V3Map.ORDER_MIN, 1),
                    zero(V3Map.ZERO_22, 2),
                    in("count", V3Map.COUNT, 4),
                    out("done", V3Map.DONE, 4),
                    out("handle", V3Map.HANDLE, 8),
                    out("dev_addr", V3Map.DEV_ADDR, 8),
                    in("epoch", V3Map.EPOCH, 4),
                    out("order_got", V3Map.ORDER_GOT, 1),
                    out("entry_gen", V3Map.ENTRY_GEN, 1),
                    zero(V3Map.ZERO_54, 2),
                    out("status", V3Map.STATUS, 4),
                    zero(V3Map.ZERO_60, 4))),

    /** An element of v3_unmap. */
    UNMAP(
            GnttabOp.V3_UNMAP,
            V3Unmap.SIZE,
            element(
                    in("handle", V3Unmap.HANDLE, 8),
                    in("first", V3Unmap.FIRST, 4),
                    in("count", V3Unmap.COUNT, 4),
                    in("flags", V3Unmap.FLAGS, 4),
                    out("done", V3Unmap.DONE, 4),
                    zero(V3Unmap.ZERO_24, 8),
                    out("status", V3Unmap.STATUS, 4),
                    zero(V3Unmap.ZERO_36, 4))),

    /** An element of v3_copy. */
    COPY(
            GnttabOp.V3_COPY,
            V3Copy.SIZE,
            element(
                    in("local_gfn", V3Copy.LOCAL_GFN, 8),
                    in("ref", V3Copy.REF, 8),
                    in("local_offset", V3Copy.LOCAL_OFFSET, 4),
                    in("remote_offset", V3Copy.REMOTE_OFFSET, 4),
                    in("length", V3Copy.LENGTH, 4),
                    in("peer", V3Copy.PEER, 2),
                    in("flags", V3Copy.FLAGS, 2),
                    out("done", V3Copy.DONE, 4),
                    in("epoch", V3Copy.EPOCH, 4),
                    zero(V3Copy.ZERO_40, 16),
                    out("status", V3Copy.STATUS, 4),
                    zero(V3Copy.ZERO_60, 4))),

    /** v3_revoke. */
    REVOKE(
            GnttabOp.V3_REVOKE,
            V3Revoke.SIZE,
            headed(
                    in("slot", V3Revoke.SLOT, 2),
                    in("gen", V3Revoke.GEN, 1),
                    in("cpu_fate", V3Revoke.CPU_FATE, 1),
                    in("dev_fate", V3Revoke.DEV_FATE, 1),
                    zero(V3Revoke.ZERO_13, 3),
                    in("first", V3Revoke.FIRST, 8),
                    in("count", V3Revoke.COUNT, 8),
                    in("scratch_gfn", V3Revoke.SCRATCH_GFN, 8),
                    zero(V3Revoke.ZERO_40, 8),
                    in("cookie", V3Revoke.COOKIE, 8),
                    inOut("revoke_id", V3Revoke.REVOKE_ID, 8),
                    inOut("done", V3Revoke.DONE, 8),
                    out("replaced", V3Revoke.REPLACED, 4),
                    out("unmapped", V3Revoke.UNMAPPED, 4),
                    out("status", V3Revoke.STATUS, 4),
                    out("result", V3Revoke.RESULT, 4),
                    zero(V3Revoke.ZERO_88, 8))),

    /** v3_set_access. */
    SET_ACCESS(
            GnttabOp.V3_SET_ACCESS,
            V3SetAccess.SIZE,
            headed(
                    in("slot", V3SetAccess.SLOT, 2),
                    in("gen", V3SetAccess.GEN, 1),
                    in("access", V3SetAccess.ACCESS, 1),
                    zero(V3SetAccess.ZERO_12, 4),
                    in("first", V3SetAccess.FIRST, 8),
                    in("count", V3SetAccess.COUNT, 8),
                    in("policy", V3SetAccess.POLICY, 4),
                    zero(V3SetAccess.ZERO_36, 4),
                    in("cookie", V3SetAccess.COOKIE, 8),
                    inOut("done", V3SetAccess.DONE, 8),
                    out("status", V3SetAccess.STATUS, 4),
                    zero(V3SetAccess.ZERO_60, 4))),

    /** v3_invalidate. */
    INVALIDATE(
            GnttabOp.V3_INVALIDATE,
            V3Invalidate.SIZE,
            headed(
                    in("slot", V3Invalidate.SLOT, 2),
                    in("gen", V3Invalidate.GEN, 1),
                    in("level", V3Invalidate.LEVEL, 1),
                    zero(V3Invalidate.ZERO_12, 4),
                    in("prefix", V3Invalidate.PREFIX, 8),
                    out("status", V3Invalidate.STATUS, 4),
                    zero(V3Invalidate.ZERO_28, 4))),

    /** v3_sync. */
    SYNC(
            GnttabOp.V3_SYNC,
            V3Sync.SIZE,
            headed(
                    in("slot", V3Sync.SLOT, 2),
                    in("gen", V3Sync.GEN, 1),
                    zero(V3Sync.ZERO_11, 1),
                    zero(V3Sync.ZERO_12, 4),
                    in("first", V3Sync.FIRST, 8),
                    in("count", V3Sync.COUNT, 8),
                    inOut("done", V3Sync.DONE, 8),
                    out("status", V3Sync.STATUS, 4),
                    zero(V3Sync.ZERO_44, 4))),

    /** v3_probe. */
    PROBE(
            GnttabOp.V3_PROBE,
            V3Probe.SIZE,
            headed(
                    in("peer", V3Probe.PEER, 2),
                    in("mode", V3Probe.MODE, 1),
                    zero(V3Probe.ZERO_11, 1),
                    in("dev_id", V3Probe.DEV_ID, 4),
                    in("ref", V3Probe.REF, 8),
                    in("count", V3Probe.COUNT, 4),
                    out("done", V3Probe.DONE, 4),
                    in("result_gfn", V3Probe.RESULT_GFN, 8),
                    zero(V3Probe.ZERO_40, 16),
                    out("status", V3Probe.STATUS, 4),
                    zero(V3Probe.ZERO_60, 4))),

    /** v3_ring_register. */
    RING_REGISTER(
            GnttabOp.V3_RING_REGISTER,
            V3RingRegister.SIZE,
            headed(
                    in("list_gfn", V3RingRegister.LIST_GFN, 8),
                    in("pages", V3RingRegister.PAGES, 4),
                    in("port", V3RingRegister.PORT, 4),
                    inOut("ring_id", V3RingRegister.RING_ID, 4),
                    in("kind", V3RingRegister.KIND, 4),
                    out("status", V3RingRegister.STATUS, 4),
                    zero(V3RingRegister.ZERO_36, 4))),

    /** v3_grantee_ctl. */
    GRANTEE_CTL(
            GnttabOp.V3_GRANTEE_CTL,
            V3GranteeCtl.SIZE,
            headed(
                    in("fault_mode", V3GranteeCtl.FAULT_MODE, 4),
                    in("ring_id", V3GranteeCtl.RING_ID, 4),
                    in("reserve_list_gfn", V3GranteeCtl.RESERVE_LIST_GFN, 8),
                    in("reserve_pages", V3GranteeCtl.RESERVE_PAGES, 4),
                    in("share", V3GranteeCtl.SHARE, 4),
                    in("granter", V3GranteeCtl.GRANTER, 2),
                    zero(V3GranteeCtl.ZERO_34, 2),
                    in("legacy_fates", V3GranteeCtl.LEGACY_FATES, 4),
                    out("status", V3GranteeCtl.STATUS, 4),
                    zero(V3GranteeCtl.ZERO_44, 4))),

    /** The array of elements, for v3_map, v3_unmap and v3_copy. */
    BATCH(
            V3Form.NO_OPERATION,
            V3Batch.SIZE,
            headed(
                    in("first_gfn", V3Batch.FIRST_GFN, 8),
                    in("offset", V3Batch.OFFSET, 4),
                    in("count", V3Batch.COUNT, 4),
                    out("done", V3Batch.DONE, 4),
                    in("element_size", V3Batch.ELEMENT_SIZE, 4)));

    private static final int NO_OPERATION = -1;

    private final int operation;
    private final int size;

    @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of records
    private final List<V3Field> fields;

    @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of records
    private final Map<String, V3Field> byName;

    @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list of records
    private final Map<Integer, V3Field> byOffset;

    V3Form(int operation, int size, List<V3Field> fields) {
        this.operation = operation;
        this.size = size;
        this.fields = fields;
        this.byName = fields.stream().collect(Collectors.toUnmodifiableMap(V3Field::name, Function.identity()));
        this.byOffset = fields.stream().collect(Collectors.toUnmodifiableMap(V3Field::offset, Function.identity()));
    }

    private static List<V3Field> headed(V3Field... own) {
        List<V3Field> fields = new ArrayList<>();
        fields.add(in("struct_size", V3Head.STRUCT_SIZE, Short.BYTES));
        fields.add(in("version", V3Head.VERSION, Short.BYTES));
        fields.add(in("flags", V3Head.FLAGS, Integer.BYTES));
        fields.addAll(List.of(own));
        return List.copyOf(fields);
    }

    private static List<V3Field> element(V3Field... own) {
        return List.of(own);
    }

    /**
     * Its name in the specification, which is that of the operation.
     *
     * @return {@code v3_map}
     */
    public String verb() {
        return "v3_" + name().toLowerCase(Locale.ROOT);
    }

    /**
     * The operation of grant_table_op.
     *
     * @return 13..26
     * @throws IllegalStateException for {@link #BATCH}, which is the struct of several
     */
    public int operation() {
        if (operation == NO_OPERATION) {
            throw new IllegalStateException(this + " belongs to no operation alone");
        }
        return operation;
    }

    /**
     * Bytes of the struct.
     *
     * @return as in the specification
     */
    public int size() {
        return size;
    }

    /**
     * Whether it stands in an array, after a {@link #BATCH}.
     *
     * @return true for v3_map, v3_unmap, v3_copy
     */
    public boolean element() {
        return this == MAP || this == UNMAP || this == COPY;
    }

    /**
     * All of it.
     *
     * @return by offset
     */
    public List<V3Field> fields() {
        return fields;
    }

    /**
     * A field by its name.
     *
     * @param name as the specification has it
     * @return the field, if there is one
     */
    public Optional<V3Field> field(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * A field by its offset.
     *
     * @param offset a constant of {@code grantlab.api.abi}
     * @return the field
     * @throws IllegalArgumentException when no field begins there
     */
    public V3Field at(int offset) {
        V3Field field = byOffset.get(offset);
        if (field == null) {
            throw new IllegalArgumentException(verb() + " has no field at offset " + offset);
        }
        return field;
    }

    /**
     * Where the answer is.
     *
     * @return the field {@code status}; nothing for {@link #BATCH}, whose answer is the hypercall's
     */
    public Optional<V3Field> status() {
        return field("status");
    }
}
