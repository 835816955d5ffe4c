package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.BUS;
import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DmaClauses.SHARED;
import static grantlab.conformance.clause.DmaClauses.SOURCE;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Long histories of tables. */
final class DmaHistories {
    private static final int STEPS = 250;
    private static final int[] ORDERS = {
        Page.ORDER_4K, Page.ORDER_4K, Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_2M, Page.ORDER_1G
    };

    @Needs(iommu = CONFINED)
    @Lacks(iommu = {SHARED, BUS})
    @Clause(
            id = "DMA-81",
            promise =
                    "Whatever is mapped, unmapped, downgraded and sunk, in whatever order and of whatever size: each device frame leads where"
                            + " that says, the searches find it, and the answers say what may be remembered.",
            source = SOURCE)
    void histories(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            new History(own, world.random()).live();
        }
    }

    /** Of one device frame. */
    private record Entry(long mfn, int access) {
        static final Entry NOTHING = new Entry(0, 0);
    }

    private enum Verb {
        MAP,
        UNMAP,
        DOWNGRADE,
        SINK
    }

    private static final List<Verb> USUAL = List.of(Verb.MAP, Verb.UNMAP, Verb.DOWNGRADE);
    private static final List<Verb> WITH_SINKS = List.of(Verb.values());

    /** What was done to some device frames. */
    private record Change(Verb verb, long dfn, int order, long mfn, long newMfn, int access) {
        Entry after(long at, Entry before) {
            if (at >>> order != dfn >>> order) {
                return before;
            }
            long within = at - dfn;
            if (verb == Verb.MAP) {
                return new Entry(mfn + within, access);
            }
            if (before.access == 0 || before.mfn != mfn + within) {
                return before;
            }
            return switch (verb) {
                case DOWNGRADE -> entry(before.mfn, before.access & Access.READ);
                case SINK -> entry(newMfn + within, newMfn == mfn ? before.access & Access.WRITE : Access.WRITE);
                default -> Entry.NOTHING;
            };
        }

        private static Entry entry(long mfn, int access) {
            return access == 0 ? Entry.NOTHING : new Entry(mfn, access);
        }
    }

    private static final class History extends LongHistory {
        private static final long[] NUMBERS = {
            0,
            1,
            2,
            511,
            512,
            513,
            1023,
            1024,
            (1 << 18) - 1,
            1 << 18,
            (1 << 18) + 1,
            (1 << 18) + 513,
            (1 << 27) - 1,
            1 << 27,
            (1 << 27) + 512,
            (1 << 27) + (1 << 18) + 5
        };

        private final OwnSpace own;
        private final DeviceSpace space;
        private final List<Change> changes = new ArrayList<>();

        History(OwnSpace own, RandomGenerator random) {
            super(random, STEPS, NUMBERS);
            this.own = own;
            this.space = own.space;
        }

        private int right() {
            int kinds = own.hasWriteOnlyEntries() ? 3 : 2;
            return new int[] {Access.READ, READ_WRITE, Access.WRITE}[random.nextInt(kinds)];
        }

        private Change next() {
            int order = ORDERS[random.nextInt(ORDERS.length)];
            long dfn = any() & -(1L << order);
            List<Verb> verbs = own.hasWriteOnlyEntries() ? WITH_SINKS : USUAL;
            Verb verb = verbs.get(random.nextInt(verbs.size()));
            Entry there = now(dfn);
            boolean leads = there.access != 0 && (there.mfn & (1L << order) - 1) == 0 && random.nextInt(5) > 0;
            long mfn = verb != Verb.MAP && leads ? there.mfn : frame(order);
            return new Change(verb, dfn, order, mfn, frame(order), right());
        }

        private long frame(int order) {
            return random.nextLong(2) << Page.ORDER_1G | random.nextLong(3) << order;
        }

        @Override
        void change() {
            Change change = next();
            boolean led = false;
            boolean changed = false;
            for (long number : numbers) {
                Entry before = now(number);
                if (number >>> change.order == change.dfn >>> change.order && before.access != 0) {
                    led |= before.mfn == change.mfn + number - change.dfn;
                    changed |= !change.after(number, before).equals(before);
                }
            }
            int status = carryOut(change);
            changes.add(change);
            if (changed) {
                Expect.status("the answer to " + change, Status.MODIFIED, status);
            } else if (change.verb != Verb.MAP && led) {
                Expect.holds("it led there: " + change, status == Status.OKAY || status == Status.MODIFIED);
            }
            if (change.order == Page.ORDER_4K) {
                int unchanged = change.verb == Verb.MAP || led ? Status.OKAY : Status.GONE;
                Expect.status("the answer to " + change, changed ? Status.MODIFIED : unchanged, status);
            }
            Expect.holds("a map is no miss", change.verb != Verb.MAP || status != Status.GONE);
        }

        private int carryOut(Change change) {
            return switch (change.verb) {
                case MAP -> space.map(change.dfn, change.mfn, change.order, change.access);
                case UNMAP -> space.unmap(change.dfn, change.mfn, change.order, change.access);
                case DOWNGRADE -> space.downgrade(change.dfn, change.mfn, change.order);
                case SINK -> space.sink(change.dfn, change.mfn, change.order, change.newMfn);
            };
        }

        private Entry now(long number) {
            Entry entry = Entry.NOTHING;
            for (Change change : changes) {
                entry = change.after(number, entry);
            }
            return entry;
        }

        @Override
        void check(long number) {
            Entry expected = now(number);
            long got = space.entry(number);
            Expect.equal("rights at 0x" + Long.toHexString(number), expected.access, DeviceSpace.accessOf(got));
            if (expected.access == 0) {
                Expect.equal("nothing at 0x" + Long.toHexString(number), DeviceSpace.NO_ENTRY, got);
            } else {
                Expect.equal("frame at 0x" + Long.toHexString(number), expected.mfn, DeviceSpace.frameOf(got));
            }
        }

        @Override
        void search() {
            long from = any();
            found("the next", from, space.next(from), -1);
            Entry entry = now(any());
            if (entry.access != 0) {
                found("the next of a frame", from, space.findNext(entry.mfn, from), entry.mfn);
            }
        }

        /** It leads to the frame, or to any, and no device frame before it does. */
        private void found(String what, long from, long found, long mfn) {
            if (found != DeviceSpace.NONE) {
                Expect.holds(what + " is not before 0x" + Long.toHexString(from), found >= from);
                Expect.holds(what + " leads there", leads(found, mfn));
                Expect.holdsNot(what + " but one", found > from && leads(found - 1, mfn));
            }
            for (long number : numbers) {
                if (number >= from && (found == DeviceSpace.NONE || number < found)) {
                    Expect.holdsNot(what + " is 0x" + Long.toHexString(number), leads(number, mfn));
                }
            }
        }

        private boolean leads(long number, long mfn) {
            Entry entry = now(number);
            return entry.access != 0 && (mfn < 0 || entry.mfn == mfn);
        }
    }

    @Needs(iommu = {BUS, CONFINED})
    @Clause(
            id = "DMA-82",
            promise =
                    "Whatever uses frames and blocks, in whatever order: each frame has the rights that its uses have together, and answers say"
                            + " when they change.",
            source = SOURCE)
    void uses(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            new Uses(own.space, world.random()).live();
        }
    }

    /** Few frames, in blocks that overlap. */
    private static final class Uses {
        private static final long[] FRAMES = {
            0, 5, 511, 512, 1 << 18, (1 << 18) + 700, (1 << 26) - 1, 1 << 26, OwnRam.LAST
        };
        private static final int[] SIZES = {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G};

        private final DeviceSpace space;
        private final RandomGenerator random;

        /** By frame or block and order: how many read, and how many write too. */
        private final Map<List<Long>, int[]> counts = new HashMap<>();

        Uses(DeviceSpace space, RandomGenerator random) {
            this.space = space;
            this.random = random;
        }

        private int[] of(long mfn, int order) {
            return counts.computeIfAbsent(List.of(mfn >>> order, (long) order), block -> new int[2]);
        }

        private static int rights(int[] uses) {
            if (uses[1] > 0) {
                return READ_WRITE;
            }
            return uses[0] > 0 ? Access.READ : 0;
        }

        void live() {
            for (int step = 0; step < STEPS * 4; step++) {
                int order = SIZES[random.nextInt(SIZES.length)];
                long mfn = FRAMES[random.nextInt(FRAMES.length)] & -(1L << order);
                int access = random.nextBoolean() ? Access.READ : READ_WRITE;
                switch (random.nextInt(5)) {
                    case 0, 1 -> map(mfn, order, access);
                    case 2, 3 -> unmap(mfn, order, access);
                    default -> downgrade(mfn, order);
                }
                for (long frame : FRAMES) {
                    check(frame);
                }
            }
        }

        private void map(long mfn, int order, int access) {
            int[] uses = of(mfn, order);
            int before = rights(uses);
            uses[Access.writes(access) ? 1 : 0]++;
            int status = space.map(mfn, mfn, order, access);
            if (before == rights(uses)) {
                Expect.status("another use of the kind", Status.OKAY, status);
            } else if (before != 0) {
                Expect.status("more rights", Status.MODIFIED, status);
            }
        }

        private void unmap(long mfn, int order, int access) {
            int[] uses = of(mfn, order);
            int before = rights(uses);
            int kind = Access.writes(access) ? 1 : 0;
            int status = space.unmap(mfn, mfn, order, access);
            if (uses[kind] == 0) {
                Expect.status("no such use", Status.GONE, status);
                return;
            }
            uses[kind]--;
            Expect.status("a use less", before == rights(uses) ? Status.OKAY : Status.MODIFIED, status);
        }

        private void downgrade(long mfn, int order) {
            int[] uses = of(mfn, order);
            int before = rights(uses);
            int status = space.downgrade(mfn, mfn, order);
            if (uses[1] == 0) {
                Expect.status("no writer", uses[0] == 0 ? Status.GONE : Status.OKAY, status);
                return;
            }
            uses[1]--;
            uses[0]++;
            Expect.status("a writer less", before == rights(uses) ? Status.OKAY : Status.MODIFIED, status);
        }

        private void check(long mfn) {
            int rights = 0;
            for (int order : SIZES) {
                rights |= rights(of(mfn, order));
            }
            long entry = rights == 0 ? DeviceSpace.NO_ENTRY : DeviceSpace.entry(mfn, Page.ORDER_4K, rights);
            Expect.equal("entry of 0x" + Long.toHexString(mfn), entry, space.entry(mfn));
            Expect.equal("readers", of(mfn, 0)[0], space.uses(mfn, Access.READ));
            Expect.equal("writers", of(mfn, 0)[1], space.uses(mfn, READ_WRITE));
            Expect.equal("found at itself", rights != 0, space.next(mfn) == mfn);
        }
    }
}
