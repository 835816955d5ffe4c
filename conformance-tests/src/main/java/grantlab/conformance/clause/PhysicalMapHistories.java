package grantlab.conformance.clause;

import static grantlab.conformance.clause.PhysicalMapClauses.TRANSLATED;

import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Long histories of maps. */
@Needs(granter = TRANSLATED)
final class PhysicalMapHistories {
    private static final int STEPS = 400;
    private static final int[] ORDERS = {
        Page.ORDER_4K, Page.ORDER_4K, Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_2M, Page.ORDER_1G
    };

    @Clause(
            id = "PMAP-51",
            promise =
                    "Whatever is set and emptied, in whatever order and of whatever size: at each number the last of it stands, and"
                            + " the searches find that.",
            source = PhysicalMapClauses.SOURCE)
    void histories(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            new History(ram.map(), world.random()).live();
        }
    }

    /** What was done to some numbers. */
    private record Change(long gfn, int order, long mfn, int type) {
        boolean covers(long number) {
            return number >>> order == gfn >>> order;
        }
    }

    private static final class History extends LongHistory {
        private static final Change NEVER = new Change(0, 0, 0, PhysicalMap.NONE);

        private final PhysicalMap map;
        private final List<Change> changes = new ArrayList<>();

        History(PhysicalMap map, RandomGenerator random) {
            super(random, STEPS, numbers(map.limit()));
            this.map = map;
        }

        private static long[] numbers(long limit) {
            return new long[] {
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
                (1 << 22) - 1,
                1 << 22,
                (1 << 22) + 512,
                (1 << 28) - 1,
                1 << 28,
                (1 << 28) + 514,
                limit - 513,
                limit - 512,
                limit - 1
            };
        }

        @Override
        void change() {
            int order = ORDERS[random.nextInt(ORDERS.length)];
            long gfn = any() & -(1L << order);
            long stood = map.entry(gfn);
            long got;
            if (random.nextInt(3) == 0) {
                got = map.clear(gfn, order);
                changes.addFirst(new Change(gfn, order, 0, PhysicalMap.NONE));
            } else {
                long mfn = (random.nextLong(3) << Page.ORDER_1G) + (random.nextLong(3) << order);
                int type = 1 + random.nextInt(PhysicalMap.V3_GRANT_RO);
                got = map.set(gfn, mfn & -(1L << order), order, type);
                changes.addFirst(new Change(gfn, order, mfn & -(1L << order), type));
            }
            Expect.equal("what stood at 0x" + Long.toHexString(gfn), stood, got);
        }

        /** The frame that follows for a number; or INVALID. */
        private long frame(long number) {
            Change last = last(number);
            return last.type == PhysicalMap.NONE ? PhysicalMap.INVALID : last.mfn + (number - last.gfn);
        }

        private Change last(long number) {
            return changes.stream()
                    .filter(change -> change.covers(number))
                    .findFirst()
                    .orElse(NEVER);
        }

        @Override
        void check(long number) {
            long entry = map.entry(number);
            long frame = frame(number);
            if (frame == PhysicalMap.INVALID) {
                Expect.equal("nothing", PhysicalMap.INVALID, entry);
            } else {
                Expect.equal("frame", frame, PhysicalMap.frameOf(entry));
                Expect.equal("type", last(number).type, PhysicalMap.typeOf(entry));
                Expect.holds("no larger than it was", PhysicalMap.orderOf(entry) <= last(number).order);
            }
        }

        @Override
        void search() {
            long from = any();
            found("the next", from, map.next(from), 0, Long.MAX_VALUE);
            long mfn = frame(any());
            if (mfn != PhysicalMap.INVALID) {
                found("the next of a frame", from, map.findNext(mfn, from), mfn, mfn + 1);
                long first = mfn & -OwnRam.BLOCK;
                found(
                        "the next of a block",
                        from,
                        map.findNext(first, Page.ORDER_2M, from),
                        first,
                        first + OwnRam.BLOCK);
            }
            int order = ORDERS[random.nextInt(ORDERS.length)];
            long gfn = any() & -(1L << order);
            long next = map.next(gfn);
            boolean nothing = next == PhysicalMap.INVALID || next >= gfn + (1L << order);
            Expect.equal("vacant", nothing, map.isVacant(gfn, order));
        }

        /** It names a frame of the range, and none of the numbers before it does. */
        private void found(String what, long from, long found, long first, long end) {
            if (found != PhysicalMap.INVALID) {
                Expect.holds(what + " is not before 0x" + Long.toHexString(from), found >= from);
                Expect.holds(what + " names one", names(found, first, end));
                Expect.holdsNot(what + " but one", found > from && names(found - 1, first, end));
            }
            for (long number : numbers) {
                if (number >= from && (found == PhysicalMap.INVALID || number < found)) {
                    Expect.holdsNot(what + " is 0x" + Long.toHexString(number), names(number, first, end));
                }
            }
        }

        private boolean names(long number, long first, long end) {
            long frame = frame(number);
            return frame != PhysicalMap.INVALID && frame >= first && frame < end;
        }
    }
}
