package grantlab.conformance.script;

import static java.util.Map.entry;

import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.V3Unmap;
import grantlab.conformance.call.V3Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The numbers that have a name in the specification, by struct and name (grant-v3.md, section 16). */
final class TreeNames {
    private static final String OR = "\\|";

    private static final Map<V3Form, Map<String, Long>> BY_FORM = Map.ofEntries(
            entry(
                    V3Form.TREE_CREATE,
                    Map.ofEntries(
                            named("FIXED_ID", V3TreeCreate.FIXED_ID),
                            named("REVOCABLE_ONLY", V3TreeCreate.REVOCABLE_ONLY),
                            named("DEVICE", V3TreeCreate.DEVICE),
                            named("LARGE_OK", V3TreeCreate.LARGE_OK),
                            named("LEND", V3TreeCreate.LEND),
                            named("REVOKE_ON_DEATH", V3TreeCreate.REVOKE_ON_DEATH),
                            named("AUTO_RESUME", V3TreeCreate.AUTO_RESUME),
                            named("PAUSED", V3TreeCreate.PAUSED),
                            named("NONE", V3TreeCreate.NONE))),
            entry(
                    V3Form.TREE_UPDATE,
                    Map.ofEntries(
                            named("PAUSE", V3TreeUpdate.PAUSE),
                            named("RESUME", V3TreeUpdate.RESUME),
                            named("LIMITS", V3TreeUpdate.LIMITS),
                            named("GROW", V3TreeUpdate.GROW))),
            entry(V3Form.TREE_DESTROY, Map.ofEntries(named("REVOKE", V3TreeDestroy.REVOKE))),
            entry(
                    V3Form.MAP,
                    Map.ofEntries(
                            named("WRITE", V3Map.WRITE),
                            named("HOST", V3Map.HOST),
                            named("DEVICE", V3Map.DEVICE),
                            named("ALLOW_SPLIT", V3Map.ALLOW_SPLIT),
                            named("ACCEPT_FAULT", V3Map.ACCEPT_FAULT),
                            named("ACCEPT_ZERO", V3Map.ACCEPT_ZERO),
                            named("ACCEPT_SNAPSHOT", V3Map.ACCEPT_SNAPSHOT),
                            named("ACCEPT_SINK", V3Map.ACCEPT_SINK),
                            named("ACCEPT_DOWNGRADE", V3Map.ACCEPT_DOWNGRADE),
                            named("DEST_PTE", V3Map.DEST_PTE),
                            named("MERGE", V3Map.MERGE),
                            named("BEST", V3Map.BEST))),
            entry(V3Form.UNMAP, Map.ofEntries(named("KEEP_RESERVED", V3Unmap.KEEP_RESERVED))),
            entry(V3Form.COPY, Map.ofEntries(named("TO_REMOTE", V3Copy.TO_REMOTE))),
            entry(
                    V3Form.REVOKE,
                    Map.ofEntries(
                            named("SOFT", V3Revoke.SOFT),
                            named("FORCE", V3Revoke.FORCE),
                            named("ASYNC", V3Revoke.ASYNC),
                            named("WHOLE_TREE", V3Revoke.WHOLE_TREE),
                            named("KEEP_LEAF", V3Revoke.KEEP_LEAF),
                            named("QUERY_ONLY", V3Revoke.QUERY_ONLY),
                            named("CPU_FAULT", V3Revoke.CPU_FAULT),
                            named("CPU_ZERO", V3Revoke.CPU_ZERO),
                            named("CPU_SNAPSHOT", V3Revoke.CPU_SNAPSHOT),
                            named("DEV_BLOCK", V3Revoke.DEV_BLOCK),
                            named("DEV_SINK_WO", V3Revoke.DEV_SINK_WO))),
            entry(
                    V3Form.SET_ACCESS,
                    Map.ofEntries(
                            named("READ_ONLY", V3SetAccess.READ_ONLY),
                            named("READ_WRITE", V3SetAccess.READ_WRITE),
                            named("POLICY_FAULT", V3SetAccess.POLICY_FAULT),
                            named("POLICY_DISCARD", V3SetAccess.POLICY_DISCARD))),
            entry(
                    V3Form.PROBE,
                    Map.ofEntries(
                            named("TREES", V3Probe.TREES),
                            named("RANGE", V3Probe.RANGE),
                            named("ANY_DEVICE", V3Probe.ANY_DEVICE))),
            entry(
                    V3Form.RING_REGISTER,
                    Map.ofEntries(
                            named("REMOVE", V3RingRegister.REMOVE),
                            named("GRANTER", V3RingRegister.GRANTER),
                            named("GRANTEE", V3RingRegister.GRANTEE))),
            entry(
                    V3Form.GRANTEE_CTL,
                    Map.ofEntries(
                            named("FAULT_MODE_SET", V3GranteeCtl.FAULT_MODE_SET),
                            named("RING_SET", V3GranteeCtl.RING_SET),
                            named("RESERVE_SET", V3GranteeCtl.RESERVE_SET),
                            named("SHARE_SET", V3GranteeCtl.SHARE_SET),
                            named("LEGACY_FATES_SET", V3GranteeCtl.LEGACY_FATES_SET),
                            named("NONE", V3GranteeCtl.NONE),
                            named("INJECT", V3GranteeCtl.INJECT))));

    private TreeNames() {}

    private static Map.Entry<String, Long> named(String name, long value) {
        return entry(name, value);
    }

    /** All names of a struct. */
    static Map<String, Long> of(V3Form form) {
        return BY_FORM.getOrDefault(form, Map.of());
    }

    /**
     * The number that names stand for, or that a text is.
     *
     * @param text {@code WRITE|HOST}, or digits
     * @return what names that there are stand for
     */
    static long number(V3Form form, String text) {
        if (!isNamed(text)) {
            return new Reading(text).number();
        }
        long number = 0;
        for (String name : text.split(OR, -1)) {
            number |= of(form).getOrDefault(name, 0L);
        }
        return number;
    }

    /** What would have been right where a text has a name that the struct has not. */
    static Optional<String> misnomer(V3Form form, String text) {
        if (!isNamed(text) || of(form).keySet().containsAll(List.of(text.split(OR, -1)))) {
            return Optional.empty();
        }
        return Optional.of("a number, or names joined by |: " + String.join(", ", new TreeSet<>(of(form).keySet())));
    }

    private static boolean isNamed(String text) {
        return !text.isEmpty() && Character.isUpperCase(text.charAt(0));
    }
}
