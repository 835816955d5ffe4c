package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.Neighbours;
import grantlab.hypervisor.caller.Run;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.operation.FrameUse;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.RecordOctet;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Up to eight pages at once, whose leaves are of one page each, in one bucket and not in use (grant-v3.md, MAP-35): all are looked
 * at, all frames are held, then all are marked, get their places, and are recorded. What a page by itself would be refused for is found
 * before anything is marked, but for its place: a page for which it is goes by itself, and finds out what it is.
 */
@MachineScoped
final class NeighbourMapping {
    private final FrameTable frames;
    private final Notices notices;

    @Inject
    NeighbourMapping(Ground ground, Notices notices) {
        this.frames = ground.frames();
        this.notices = notices;
    }

    /**
     * Maps some of the next pages. A place that was refused is told.
     *
     * @return how many; zero, and nothing refused, when the next must go by itself
     */
    int map(Caller caller, Run run, Tree tree) {
        caller.neighbours.refused = false;
        long first = run.index();
        int count = together(caller, run, tree, first);
        int bucket = count < 2 ? Buckets.NONE : caller.worker.bucket.hold(tree.id(), first);
        if (bucket == Buckets.NONE) {
            return 0;
        }
        int found = look(caller, run, tree, first, caller.buckets.unused(bucket, tree.id(), first, count));
        int ready = prepared(caller, run, found);
        if (ready == 0) {
            return 0;
        }
        Changes changes = run.granter().physicalMap().memoryChanges();
        long before = changes.count();
        int held = held(caller, run, ready);
        int marked = held == 0 ? 0 : tree.table().mark(caller.neighbours.leaves, held, caller.domid(), run.access);
        int steady = changes.count() == before ? marked : steady(caller, run, marked);
        int mapped = placed(caller, run, steady);
        drop(caller, run, mapped, held);
        record(caller, run, tree, bucket, first, mapped);
        undo(caller, tree, first, mapped, marked, ready);
        return mapped;
    }

    /** Pages that may go together, by their numbers on both sides. */
    private static int together(Caller caller, Run run, Tree tree, long first) {
        boolean pages = run.largest == Page.ORDER_4K
                && (run.access & Access.DEVICE) == 0
                && (run.fates & RecordWord.RESERVED) == 0;
        if (!pages || first >= tree.indexLimit()) {
            return 0;
        }
        int count = Math.min(run.count - run.done, Buckets.together(first));
        count = (int) Math.min(count, tree.indexLimit() - first);
        boolean beyond = !entries(run) && Long.compareUnsigned(run.dest, Page.FRAME_LIMIT - run.done - count) > 0;
        return beyond ? 0 : Math.min(count, caller.mapsets.room(run.set));
    }

    private static boolean entries(Run run) {
        return (run.gntmapFlags & Gntmap.CONTAINS_PTE) != 0;
    }

    /** MAP-25, MAP-32: acts and records for as many as there is room for within all bounds. */
    private static int prepared(Caller caller, Run run, int count) {
        Neighbours neighbours = caller.neighbours;
        caller.advance.charge(run.count - run.done);
        int charged = caller.advance.takeNeighbours(count);
        neighbours.octets = charged == Slab.OCTET && octets(caller);
        if (neighbours.octets) {
            return charged;
        }
        int ready = 0;
        while (ready < charged && prepared(caller, neighbours, ready)) {
            ready++;
        }
        caller.advance.giveNeighbours(charged - ready);
        return ready;
    }

    /** Acts and records for eight that lie beside one another. @return false: there is nothing of the kind, but single ones maybe */
    private static boolean octets(Caller caller) {
        Stock acts = caller.atHand.acts();
        int act = acts.takeOctet();
        if (act == LeafActs.NONE) {
            return false;
        }
        int record = caller.atHand.records().takeOctet();
        if (record == Records.NONE) {
            acts.giveOctet(act);
            return false;
        }
        Neighbours neighbours = caller.neighbours;
        Slab.number(act, neighbours.acts, 0);
        Slab.number(record, neighbours.records, 0);
        return true;
    }

    private static boolean prepared(Caller caller, Neighbours neighbours, int i) {
        int act = caller.atHand.acts().take();
        if (act == LeafActs.NONE) {
            return false;
        }
        int record = caller.atHand.records().take();
        if (record == Records.NONE) {
            caller.atHand.acts().give(act);
            return false;
        }
        neighbours.acts[i] = act;
        neighbours.records[i] = record;
        return true;
    }

    /** MAP-20 to MAP-24, where nothing is out of the ordinary. */
    private static int look(Caller caller, Run run, Tree tree, long first, int count) {
        int needed = run.access | (Announced.devicesShareMap(caller.domain()) ? Access.DEVICE : 0);
        return count == 0 ? 0 : tree.table().look(caller.leaf, first, count, needed, caller.neighbours.leaves);
    }

    /** MAP-30, before the mark: on so many of the frames there is what a place holds. */
    private int held(Caller caller, Run run, int ready) {
        Neighbours neighbours = caller.neighbours;
        Domain granter = run.granter();
        PhysicalMap map = granter.physicalMap();
        int known = 0;
        while (known < ready && isPlain(map, neighbours, known)) {
            known++;
        }
        int taken = frames.getPlain(neighbours.frames, known, granter.domid());
        if (!FrameUse.HOST.mayHoldType(granter, caller.domain())) {
            return taken;
        }
        int held = 0;
        while (held < taken
                && FrameUse.HOST.holdType(frames, neighbours.frames[held], run.access, granter, caller.domain())) {
            held++;
        }
        for (int i = held; i < taken; i++) {
            frames.put(neighbours.frames[i], Page.ORDER_4K);
        }
        return held;
    }

    /** The granter's map changed before or after the mark: so many of the frames still stand where they stood. */
    private static int steady(Caller caller, Run run, int marked) {
        Neighbours neighbours = caller.neighbours;
        PhysicalMap map = run.granter().physicalMap();
        int steady = 0;
        while (steady < marked && map.entry(neighbours.leaves.gfns[steady]) == neighbours.entries[steady]) {
            steady++;
        }
        return steady;
    }

    /** What one look at a large entry of the map said holds for the pages behind it too. */
    private static boolean isPlain(PhysicalMap map, Neighbours neighbours, int i) {
        long gfn = neighbours.leaves.gfns[i];
        long entry = i != 0 && isBehind(neighbours, i)
                ? neighbours.entries[i - 1] + (1L << PhysicalMap.FRAME_SHIFT)
                : map.entry(gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return false;
        }
        neighbours.entries[i] = entry;
        neighbours.frames[i] = PhysicalMap.frameOf(entry);
        return true;
    }

    private static boolean isBehind(Neighbours neighbours, int i) {
        long gfn = neighbours.leaves.gfns[i];
        long before = neighbours.leaves.gfns[i - 1];
        return gfn == before + 1
                && PhysicalMap.orderOf(neighbours.entries[i - 1]) != Page.ORDER_4K
                && gfn >>> Page.ORDER_2M == before >>> Page.ORDER_2M;
    }

    /** MAP-33. */
    private static int placed(Caller caller, Run run, int count) {
        if (count == 0) {
            return 0;
        }
        Neighbours neighbours = caller.neighbours;
        long done = run.done;
        long address = entries(run) ? run.dest + done * MapElement.ENTRY_BYTES : Page.address(run.dest + done);
        int placed = caller.domain()
                .addressSpace()
                .mapBeside(
                        address,
                        run.gntmapFlags,
                        neighbours.frames,
                        count,
                        run.access & (Access.READ | Access.WRITE),
                        caller.mapped,
                        neighbours.places);
        neighbours.refused = placed < count;
        return placed;
    }

    /** Frames that were held for nothing. */
    private void drop(Caller caller, Run run, int mapped, int held) {
        for (int i = mapped; i < held; i++) {
            long frame = caller.neighbours.frames[i];
            Holding.drop(frames, frame, Page.ORDER_4K, run.access, run.granter(), caller.domain());
        }
    }

    /** MAP-34: each is in its set and linked to its act, before that can be found. */
    private static void record(Caller caller, Run run, Tree tree, int bucket, long first, int count) {
        Neighbours neighbours = caller.neighbours;
        if (count == 0) {
            return;
        }
        boolean octets = neighbours.octets && count == Slab.OCTET;
        int[] records = neighbours.records;
        fill(caller, run, count, octets);
        caller.mapsets.append(run.set, records, count);
        long pins = LeafPins.fresh() + LeafPins.increment(run.access);
        boolean insist = RecordWord.insistsOnWriting(run.access, run.fates);
        long[] snapshots = neighbours.leaves.snapshots;
        if (octets) {
            int act = neighbours.acts[0];
            caller.buckets.insertTogether(bucket, act, tree.id(), first, snapshots, pins, records[0], insist);
            return;
        }
        caller.buckets.insert(bucket, neighbours.acts, tree.id(), first, snapshots, pins, records, insist, count);
    }

    /** @param octets whether acts and records are an octet each */
    private static void fill(Caller caller, Run run, int count, boolean octets) {
        Neighbours neighbours = caller.neighbours;
        Mapsets sets = caller.mapsets;
        int set = run.set;
        int unit = sets.nextUnit(set);
        int position = sets.nextPosition(set);
        int granter = run.granter().domid();
        if (octets && sets.indexed(set) && RecordOctet.fits(neighbours.places)) {
            caller.records.fillTogether(
                    neighbours.records[0],
                    run.access,
                    run.fates,
                    neighbours.places,
                    neighbours.frames,
                    granter,
                    neighbours.acts[0],
                    set,
                    unit,
                    position);
            return;
        }
        caller.records.fill(
                neighbours.records,
                count,
                run.access,
                run.fates,
                neighbours.places,
                neighbours.frames,
                granter,
                neighbours.acts,
                set,
                unit,
                position);
    }

    /** Those that were prepared, and those that were marked, for nothing: the latter were uses, which end. */
    private void undo(Caller caller, Tree tree, long first, int mapped, int marked, int ready) {
        if (mapped == ready) {
            return;
        }
        Neighbours neighbours = caller.neighbours;
        int notify = mapped == marked
                ? 0
                : tree.table().end(caller.leaf, first + mapped, neighbours.leaves.snapshots, mapped, marked - mapped);
        for (int i = mapped; i < ready; i++) {
            caller.atHand.acts().give(neighbours.acts[i]);
            caller.atHand.records().give(neighbours.records[i]);
        }
        caller.advance.giveNeighbours(ready - mapped);
        LeafPinning.tell(notices, caller.worker, tree, first + mapped, notify);
    }
}
