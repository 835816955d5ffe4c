package grantlab.hypervisor.operation.tree;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.caller.LeafPin;
import grantlab.hypervisor.caller.Run;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.revocation.ZeroPage;
import grantlab.hypervisor.tree.Advance;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Reserve;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * v3_map (grant-v3.md, sections 7.1 and 10): a run of pages goes to a run of places, in as large mappings as both sides and
 * the element allow. What was mapped before something failed stays mapped and belongs to the handle.
 */
@MachineScoped
public final class MapRun {
    /** Mappings between two turns of others. */
    private static final int SLICE = 32;

    private final Reach reach;
    private final LeafPinning leaves;
    private final NeighbourMapping neighbours;
    private final FlatAlias alias;
    private final Installation installation;
    private final Notices notices;
    private final ZeroPage zeros;
    private final FrameTable frames;
    private final Quiescence quiescence;

    @Inject
    MapRun(
            Reach reach,
            LeafPinning leaves,
            NeighbourMapping neighbours,
            FlatAlias alias,
            Installation installation,
            Notices notices,
            ZeroPage zeros,
            Ground ground,
            Quiescence quiescence) {
        this.quiescence = quiescence;
        this.zeros = zeros;
        this.reach = reach;
        this.leaves = leaves;
        this.neighbours = neighbours;
        this.alias = alias;
        this.installation = installation;
        this.notices = notices;
        this.frames = ground.frames();
    }

    /** Maps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        FrameArguments arguments = caller.frameArguments();
        for (boolean more = Elements.begin(caller, address, V3Map.SIZE);
                more;
                more = Elements.next(caller, V3Map.SIZE)) {
            perform(caller, arguments);
        }
        caller.worker.bucket.letGo();
        return caller.elements.result;
    }

    private void perform(Caller caller, FrameArguments arguments) {
        Run run = caller.run;
        run.read(arguments);
        int status = MapElement.refuse(caller, run);
        run.answer(arguments, status != Status.OKAY ? status : map(caller, run));
    }

    private int map(Caller caller, Run run) {
        caller.advance.anew();
        int status = reach(caller, run);
        if (status != Status.OKAY) {
            return status;
        }
        MapElement.decode(caller, run);
        return collect(caller, run);
    }

    /** MAP-8 to MAP-14. */
    private int reach(Caller caller, Run run) {
        Domain granter = reach.peer(caller, run.peer);
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        long reference = run.reference;
        if (V3Ref.slot(reference) != 0) {
            Tree tree = granter.trees().find(V3Ref.slot(reference));
            int reached = Reach.judge(caller, granter, tree, reference, run.epoch);
            if (tree == null || reached != Status.OKAY) {
                return reached;
            }
            if (!MapElement.mayBeTakenBack(run, tree)) {
                return Status.NOT_REVOCABLE;
            }
            run.go(granter, tree);
            caller.advance.begin(tree, tree.binding().share());
        } else if (run.epoch != 0) {
            return Status.STALE;
        } else {
            run.go(granter, null);
            caller.advance.begin(null, caller.domain().books().share(granter.domid()));
        }
        if (!MapElement.isOfPages(run)) {
            return Status.BAD_SIZE;
        }
        return MapElement.acceptsZeros(run) && !zeros.isReady() ? Status.QUOTA : Status.OKAY;
    }

    /**
     * All that the element maps is one set, with one handle. From one mapping by itself to the next the bucket stays locked and what is
     * charged for stays in hand.
     */
    private int collect(Caller caller, Run run) {
        Mapsets sets = caller.mapsets;
        boolean alone = run.mostMappings() <= 1;
        if (!alone || run.tree() == null) {
            caller.worker.bucket.letGo();
        }
        run.set = alone ? Records.ALONE_SET : sets.begin(run.mostMappings(), caller.atHand.sets());
        if (run.set == Mapsets.NONE) {
            return Status.QUOTA;
        }
        int status = Status.OKAY;
        while (run.done < run.count && status == Status.OKAY) {
            status = run.sinceSlice < SLICE ? some(caller, run) : breathe(caller, run, false);
            if (status == Status.QUOTA && caller.advance.asks()) {
                status = breathe(caller, run, true);
            }
        }
        if (!alone) {
            caller.worker.bucket.letGo();
        }
        if (run.done != 0) {
            boolean told = alone || run.set == Mapsets.NONE;
            run.handle = told ? run.handle : sets.publish(run.set);
        } else if (!alone) {
            sets.unlock(run.set, caller.atHand.sets());
        }
        return status;
    }

    /**
     * MAP-36: others have their turn, and may do with what is mapped whatever they may do with it afterwards. What allows to go on is
     * looked at again.
     *
     * @param asks whether other vCPUs of the domain give back meanwhile what they are charged for and do not use
     */
    private int breathe(Caller caller, Run run, boolean asks) {
        caller.worker.bucket.letGo();
        // A set of nothing, or one alone, is found by nobody.
        boolean found = run.set != Records.ALONE_SET && run.done != 0;
        if (found) {
            run.handle = caller.mapsets.publish(run.set);
            run.set = Mapsets.NONE;
        }
        run.sinceSlice = 0;
        boolean lives = asks ? caller.recall(quiescence) : caller.breathe();
        int status = lives ? reach(caller, run) : Status.GENERAL_ERROR;
        if (status == Status.OKAY && found) {
            run.set = Math.max(Mapsets.NONE, caller.mapsets.lock(run.handle));
            return run.set == Mapsets.NONE ? Status.STALE : Status.OKAY;
        }
        return status;
    }

    /** Neighbouring pages in one step where they can be, else the next mapping. */
    private int some(Caller caller, Run run) {
        Tree tree = run.tree();
        if (tree == null || run.set == Records.ALONE_SET) {
            return next(caller, run);
        }
        int mapped = neighbours.map(caller, run, tree);
        boolean refused = caller.neighbours.refused;
        if (mapped == 0 && !refused) {
            return next(caller, run);
        }
        if (run.done == 0 && mapped != 0) {
            run.entryGeneration = tree.table().generation(caller.neighbours.leaves.snapshots[0]);
            Installation.tellDevices(run, caller.neighbours.frames[0], caller.domain());
        }
        run.add(mapped, Page.ORDER_4K);
        return refused ? Status.GENERAL_ERROR : Status.OKAY;
    }

    /** One mapping, of the largest order that is possible. */
    private int next(Caller caller, Run run) {
        int status = Status.BAD_SIZE;
        for (int order = run.largest; status == Status.BAD_SIZE && order >= run.least; order = run.next(order)) {
            if (run.admits(order)) {
                status = reserved(caller, run, order);
                if (status == Status.OKAY) {
                    run.add(1, order);
                }
            }
        }
        return status;
    }

    /** MAP-15: what may have to stand in for a page is promised before that is mapped. */
    private int reserved(Caller caller, Run run, int order) {
        boolean promised = order == Page.ORDER_4K && (run.fates & RecordWord.RESERVED) != 0;
        Reserve reserve = caller.domain().books().reserve();
        if (promised && !reserve.promise()) {
            return Status.QUOTA;
        }
        Tree tree = run.tree();
        int status = tree == null ? flat(caller, run) : leaf(caller, run, tree, order);
        if (promised && status != Status.OKAY) {
            reserve.end(Reserve.NO_PAGE);
        }
        return status;
    }

    /** MAP-20 to MAP-34: one mapping of a leaf. */
    private int leaf(Caller caller, Run run, Tree tree, int order) {
        long index = run.index();
        if (index >= tree.indexLimit()) {
            return Status.BAD_GNTREF;
        }
        int others = caller.elements.left() - 1;
        caller.advance.charge(Math.max(1, (run.count - run.done) >>> run.largest) + others);
        int status = leaves.pin(caller, run.granter(), tree, index, run.access, order);
        if (status != Status.OKAY) {
            return status;
        }
        LeafPin pin = caller.leafPin;
        Advance.Room room = caller.advance.takeMapping();
        if (room != Advance.Room.TAKEN || !hasRecord(caller, run)) {
            frames.put(pin.frame, order);
            leaves.undo(caller, tree, run.access);
            boolean refused = room != Advance.Room.TAKEN && caller.advance.isFinal(tree);
            if (refused && room == Advance.Room.NOT_OF_TREE) {
                caller.worker.bucket.letGo();
                notices.quotaHit(caller.outbox, tree, index, Notices.MAX_MAPPINGS);
            }
            return Status.QUOTA;
        }
        status = installation.install(caller, run, order, pin.act, pin.frame);
        if (status != Status.OKAY) {
            giveRecord(caller, run);
            leaves.undo(caller, tree, run.access);
            return status;
        }
        leaves.link(caller, tree, run.record, RecordWord.insistsOnWriting(run.access, run.fates));
        publishAlone(caller, run);
        if (run.done == 0) {
            run.entryGeneration = tree.table().generation(caller.leaf.snapshot);
        }
        return Status.OKAY;
    }

    /** The alias of the flat table: pinned as every grant of it. */
    private int flat(Caller caller, Run run) {
        int status = alias.pinAndStay(caller, run.granter(), run.index(), run.access);
        if (status != Status.OKAY) {
            return status;
        }
        if (!takesMapping(caller) || !hasRecord(caller, run)) {
            frames.put(caller.pin.frame, Page.ORDER_4K);
            alias.withdraw(caller, run.granter(), run.access);
            return Status.QUOTA;
        }
        status = installation.install(caller, run, Page.ORDER_4K, caller.pin.act, caller.pin.frame);
        if (status != Status.OKAY) {
            giveRecord(caller, run);
            alias.withdraw(caller, run.granter(), run.access);
            return status;
        }
        publishAlone(caller, run);
        alias.link(caller, run.granter(), run.record);
        return Status.OKAY;
    }

    /** A share that is used up has others asked. */
    private static boolean takesMapping(Caller caller) {
        boolean taken = caller.advance.takeMapping() == Advance.Room.TAKEN;
        if (!taken) {
            caller.advance.isFinal(null);
        }
        return taken;
    }

    /** Of a mapping that is charged for. @return false: the pool is used up, and nothing is charged for any more */
    private static boolean hasRecord(Caller caller, Run run) {
        run.record = caller.atHand.records().take();
        if (run.record == Records.NONE) {
            caller.advance.giveMapping();
            return false;
        }
        return true;
    }

    private static void giveRecord(Caller caller, Run run) {
        caller.records.end(run.record);
        caller.atHand.records().give(run.record);
        caller.advance.giveMapping();
    }

    /** While the lock of its leaf is held: whoever takes leaves back finds it whole. */
    private static void publishAlone(Caller caller, Run run) {
        if (run.set == Records.ALONE_SET) {
            run.handle = caller.records.publish(run.record);
        }
    }
}
