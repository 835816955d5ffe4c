package grantlab.hypervisor.operation.tree;

import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.operation.HandleTaking;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * Phases 3 to 5 of a revocation (grant-v3.md, 8.2) of references of a flat table through which nothing new can begin. Between the
 * places and the references that they held the section is not left, so that no grantee dies in between.
 */
@MachineScoped
final class ReferenceTaking {
    /** A grantee may undo other mappings where this one stands so often until a place is believed that holds nothing. */
    private static final int ROUNDS = 32;

    private final Domains domains;
    private final HandleTaking handles;
    private final PlaceTaking places;
    private final LeafRelease release;
    private final Quiescence quiescence;
    private final MappingSearch search;

    @Inject
    ReferenceTaking(
            Domains domains,
            HandleTaking handles,
            PlaceTaking places,
            LeafRelease release,
            Quiescence quiescence,
            MappingSearch search) {
        this.domains = domains;
        this.handles = handles;
        this.places = places;
        this.release = release;
        this.quiescence = quiescence;
        this.search = search;
    }

    /** Up to 32 neighbouring references, what waits for a flush, and what came of all slices. */
    static final class Slice {
        private static final int MOST = 32;

        private final int[] mappings = new int[MOST];
        private final @Nullable Domain[] settled = new Domain[MOST];
        private final long[] frames = new long[MOST];
        private final HandleTaking.Batch handles = new HandleTaking.Batch();
        private @Nullable Domain grantee;
        private int first;
        private int size;
        private final Fates fates;
        private int taken;
        private int replaced;
        private boolean blocked;

        /** No reference yet; what v3_map made gets these fates, as far as it accepted them. */
        Slice(Fates fates) {
            this.fates = fates;
        }

        void begin(int reference) {
            first = reference;
            size = 0;
        }

        /** The reference that is not in the slice yet. */
        int next() {
            return first + size;
        }

        void add() {
            mappings[size++] = 0;
        }

        int size() {
            return size;
        }

        int reference(int i) {
            return first + i;
        }

        /** Mappings of one reference that were removed. */
        int mappings(int i) {
            return mappings[i];
        }

        /**
         * What one reference was about.
         *
         * @param by who has to acknowledge it, or null for nobody
         * @param frame the page
         */
        void settle(int i, @Nullable Domain by, long frame) {
            settled[i] = by;
            frames[i] = frame;
        }

        /** Who has to acknowledge a reference, or null for nobody. */
        @Nullable
        Domain settled(int i) {
            return settled[i];
        }

        /** The page of a reference. */
        long frame(int i) {
            return frames[i];
        }

        /** Mappings that were taken, in all slices. */
        int taken() {
            return taken;
        }

        /** Whether devices are blocked from something. */
        boolean blocked() {
            return blocked;
        }

        /** Those of them for which something stands in. */
        int replaced() {
            return replaced;
        }
    }

    /**
     * Takes everything back that a slice names.
     *
     * @return false: the granter is gone, and so is what could be taken
     */
    boolean finish(Caller caller, Slice slice) {
        othersLeave(caller);
        for (int i = 0; i < slice.size; i++) {
            for (int round = 0; !isTaken(caller, slice, i, round); round++) {
                Spin.once(round);
                othersLeave(caller);
            }
        }
        flushAndDrop(caller, slice);
        return isHere(caller);
    }

    /** Returns when the calls that are under way are over. The section is left meanwhile. */
    void othersLeave(Caller caller) {
        caller.outside(this::quiesce);
    }

    /** Whether the granter still is somebody; it stays so until the section is left. */
    boolean isHere(Caller caller) {
        return domains.find(caller.domid()) == caller.domain();
    }

    /** @return false: somebody else has to leave his section first */
    private boolean isTaken(Caller caller, Slice slice, int i, int round) {
        int found = HandleTaking.FULL;
        while (found == HandleTaking.FULL) {
            if (!isHere(caller)) {
                return true;
            }
            Acts acts = caller.domain()
                    .grantTable()
                    .enter(caller.section())
                    .grants()
                    .acts();
            int act = slice.reference(i);
            long word = acts.lock(act);
            try {
                found = Acts.pins(word) == 0 || !Acts.revoking(word)
                        ? HandleTaking.ALL
                        : empty(caller, slice, i, acts, word, round);
            } finally {
                acts.unlock(act, word);
            }
            if (found != HandleTaking.ALL) {
                flushAndDrop(caller, slice);
            }
            if (found == HandleTaking.FULL) {
                caller.pause();
            }
        }
        return found == HandleTaking.ALL;
    }

    /** Empties places of a reference that is locked. */
    private int empty(Caller caller, Slice slice, int i, Acts acts, long word, int round) {
        Domain grantee = domains.find(Acts.grantee(word));
        if (grantee == null || grantee.dying()) {
            // Whoever buries it ends all that it has, before long.
            return HandleTaking.MISSED;
        }
        if (grantee != slice.grantee) {
            if (waiting(caller, slice) != 0) {
                return HandleTaking.FULL;
            }
            slice.grantee = grantee;
        }
        int before = waiting(caller, slice);
        int act = slice.reference(i);
        slice.handles.leaveRoom(caller.unmappedLeaves.size());
        int found = handles.empty(caller.domain(), grantee, acts, act, slice.handles, round >= ROUNDS, caller.mapped);
        if (found != HandleTaking.FULL) {
            found = Math.max(found, claim(caller, slice, grantee, acts, act, word));
        }
        slice.mappings[i] += waiting(caller, slice) - before;
        return found;
    }

    private static int waiting(Caller caller, Slice slice) {
        return slice.handles.size() + caller.unmappedLeaves.size();
    }

    /** Claims the records of a reference until the batch is full. */
    private int claim(Caller caller, Slice slice, Domain grantee, Acts acts, int act, long word) {
        RecordClaims claims = new RecordClaims(
                grantee.books().records(),
                caller.unmappedLeaves,
                UnmappedLeaves.CAPACITY - slice.handles.size(),
                false);
        if (!search.aliasesOf(caller.domain(), acts, grantee, act, word, claims)) {
            return HandleTaking.FULL;
        }
        return claims.missed() ? HandleTaking.MISSED : HandleTaking.ALL;
    }

    private void flushAndDrop(Caller caller, Slice slice) {
        Domain grantee = slice.grantee;
        if (grantee == null || waiting(caller, slice) == 0) {
            return;
        }
        UnmappedLeaves batch = caller.unmappedLeaves;
        PlaceTaking.Taken done = places.take(caller.domain(), grantee, batch, slice.fates, true, caller.mapped);
        slice.replaced += done.replaced();
        // Devices are only ever blocked from what a handle gave them.
        slice.blocked |= done.blocked() || (slice.handles.size() != 0 && grantee.passthrough() != null);
        slice.taken += waiting(caller, slice);
        caller.section().works(waiting(caller, slice));
        handles.finish(caller.domain(), grantee, slice.handles);
        for (int i = 0; i < batch.size(); i++) {
            release.dropReferences(grantee, caller.domain(), batch, i);
            grantee.books().records().taken(batch.record(i));
        }
        batch.clear();
    }

    private boolean quiesce() {
        quiescence.await();
        return true;
    }
}
