package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.entry;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.concurrent.atomic.AtomicBoolean;

/** Two CPUs at one place at the same moment: one is between its look and its change when the other comes. */
final class SpaceMeetings {
    private static final String THREADS = "AddressSpace, Threads";
    private static final String EXCHANGE = "compareAndExchange64";

    /** A run of places that begins and ends inside of any round number of them, and some of it. */
    private static final int RUN = 21;

    private static final int START = 3;
    private static final int[] SOME = {0, 4, 5, 6, 12, 13, 14, 20};

    /** A way to take a mapping out of its place, or to put something else there. */
    private enum Taking {
        UNMAP {
            @Override
            boolean take(SpaceBench bench, long address, long place, long mfn) {
                return bench.space.unmap(address, 0, flags(WRITE), mfn, WRITE, new AddressSpace.Mapped()) == 0;
            }
        },
        REMOVE {
            @Override
            boolean take(SpaceBench bench, long address, long place, long mfn) {
                return bench.space.remove(place, 0, mfn, new AddressSpace.Mapped()) == 0;
            }
        },
        REMOVE_SEVERAL {
            @Override
            boolean take(SpaceBench bench, long address, long place, long mfn) {
                int[] rights = new int[1];
                bench.space.remove(new long[] {place}, new long[] {mfn}, 0, 1, new AddressSpace.Mapped(), rights);
                return rights[0] != 0;
            }
        },
        REPLACE {
            @Override
            boolean take(SpaceBench bench, long address, long place, long mfn) {
                long dummy = bench.pinned(bench.granted(UNTYPED, 0xd0), 0, READ);
                boolean taken = bench.space.replace(place, 0, mfn, dummy, READ, new AddressSpace.Mapped()) == 0;
                if (!taken) {
                    bench.drop(dummy, 0, READ);
                }
                return taken;
            }
        };

        /** @return whether its references are the caller's now */
        abstract boolean take(SpaceBench bench, long address, long place, long mfn);

        /** What changes the place. */
        String change(boolean translated) {
            return translated ? this == REPLACE ? "set" : "clear" : EXCHANGE;
        }
    }

    @Clause(
            id = "SPACE-97",
            promise =
                    "Of two who take one mapping out, or replace it, at the same moment one is handed its references.",
            source = THREADS)
    void takings(World world) {
        SpaceBench.on(world, bench -> {
            for (Taking first : Taking.values()) {
                for (Taking second : Taking.values()) {
                    long granted = bench.granted(UNTYPED, 1);
                    long address = bench.slot(0);
                    Expect.status("status", 0, bench.map(address, granted, WRITE));
                    long place = bench.mapped.place;
                    Meeting meeting = new Meeting();
                    AtomicBoolean other = new AtomicBoolean();
                    bench.hooks.before(
                            first.change(bench.translated()),
                            place,
                            () -> meeting.returnsMeanwhile(
                                    () -> other.set(second.take(bench, address, place, granted))));
                    boolean one = first.take(bench, address, place, granted);
                    meeting.join();
                    Expect.holds("somebody came in between", bench.hooks.isEmpty());
                    Expect.holds(first + " or " + second + " took it", one != other.get());
                    bench.drop(granted, 0, WRITE);
                    bench.expectHeld(granted, 1, 0);
                    long dummy = bench.translated()
                            ? bench.map.machineFrame(place)
                            : (bench.memory.load64(place) << 12) >>> 24;
                    if (dummy > 0) {
                        Expect.status("status", 0, bench.remove(place, 0, dummy, READ));
                    }
                }
            }
        });
    }

    @Clause(
            id = "SPACE-98",
            promise =
                    "Of several places each goes once, beside one another or not: it is emptied with the others, or by who comes for it"
                            + " alone at that moment.",
            source = THREADS)
    void runs(World world) {
        SpaceBench.on(world, bench -> {
            long[] mfns = new long[RUN];
            long[] places = new long[RUN];
            for (int n = 0; n < RUN; n++) {
                mfns[n] = bench.granted(UNTYPED, n);
            }
            for (int round = 0; round < 2 * SOME.length; round++) {
                int some = SOME[round / 2];
                for (boolean runFirst : new boolean[] {true, false}) {
                    mapRun(bench, mfns, places);
                    if (round % 2 != 0) {
                        scatter(mfns);
                        scatter(places);
                    }
                    int[] rights = new int[RUN];
                    AtomicBoolean alone = new AtomicBoolean();
                    Runnable run = () -> bench.space.remove(places, mfns, 0, RUN, new AddressSpace.Mapped(), rights);
                    Runnable single = () ->
                            alone.set(bench.space.remove(places[some], 0, mfns[some], new AddressSpace.Mapped()) == 0);
                    Meeting meeting = new Meeting();
                    bench.hooks.before(
                            bench.translated() ? "clear" : EXCHANGE,
                            places[some],
                            () -> meeting.returnsMeanwhile(runFirst ? single : run));
                    (runFirst ? run : single).run();
                    meeting.join();
                    Expect.holds("somebody came in between", bench.hooks.isEmpty());
                    for (int n = 0; n < RUN; n++) {
                        boolean by = rights[n] != 0;
                        Expect.holds("place " + n + " goes once", n == some ? by != alone.get() : by);
                        bench.drop(mfns[n], 0, WRITE);
                        bench.expectHeld(mfns[n], 1, 0);
                    }
                }
            }
        });
    }

    /** So that none is beside one that it was beside. */
    private static void scatter(long[] run) {
        long[] before = run.clone();
        for (int n = 0; n < RUN; n++) {
            run[n] = before[(n * 8) % RUN];
        }
    }

    private static void mapRun(SpaceBench bench, long[] mfns, long[] places) {
        for (long mfn : mfns) {
            bench.pinned(mfn, 0, WRITE);
        }
        Expect.equal(
                "how many stand",
                RUN,
                bench.space.mapBeside(bench.slot(START), flags(WRITE), mfns, RUN, WRITE, bench.mapped, places));
    }

    @Clause(
            id = "SPACE-99",
            promise =
                    "Of revocation and the death of the domain one gets a mapping, whichever comes first; the other finds nothing there.",
            source = THREADS + "; AddressSpace.dispose")
    void deaths(World world) {
        for (boolean deathFirst : new boolean[] {true, false}) {
            SpaceBench.on(world, bench -> {
                long granted = bench.granted(UNTYPED, 1);
                Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
                long place = bench.mapped.place;
                AtomicBoolean revoked = new AtomicBoolean();
                Runnable revocation =
                        () -> revoked.set(bench.space.remove(place, 0, granted, new AddressSpace.Mapped()) == 0);
                Meeting meeting = new Meeting();
                bench.hooks.before(
                        bench.translated() ? "clear" : EXCHANGE,
                        place,
                        () -> meeting.returnsMeanwhile(deathFirst ? revocation : bench::dispose));
                (deathFirst ? (Runnable) bench::dispose : revocation).run();
                meeting.join();
                Expect.holds("somebody came in between", bench.hooks.isEmpty());
                if (revoked.get()) {
                    bench.drop(granted, 0, WRITE);
                }
                bench.expectHeld(granted, 1, 0);
            });
        }
    }

    @Clause(
            id = "SPACE-100",
            promise =
                    "A vCPU that looked before a place was emptied and remembers afterwards what it saw remembers nothing for good: the"
                            + " flush waits for it, and the next access looks anew.",
            source = "AddressSpace.flush; Tlb")
    void looksBefore(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.status("status", 0, bench.map(bench.slot(0), granted, WRITE));
            long place = bench.mapped.place;
            Meeting meeting = new Meeting();
            bench.hooks.after(bench.translated() ? "entry" : "load64Acquire", place, () -> {
                boolean returned = meeting.returnsMeanwhile(() -> {
                    Expect.status("status", 0, bench.space.remove(place, 0, granted, bench.mapped));
                    bench.space.flush();
                });
                Expect.holdsNot("the flush returned", returned);
            });
            bench.expectReads(bench.slot(0), 0x20000);
            meeting.join();
            Expect.holdsNot("remembered", bench.space.remembers(granted));
            bench.expectNothing(bench.slot(0));
            bench.drop(granted, 0, WRITE);
        });
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "SPACE-101",
            promise =
                    "A vCPU that looked before the guest changed an entry and remembers it afterwards remembers it no longer when the change"
                            + " is done, whether it was one of flags or of the page.",
            source = "AddressSpace.update; UVMF_INVLPG")
    void looksBeforeAnUpdate(World world) {
        SpaceBench.on(world, bench -> {
            for (int way = 0; way < 2; way++) {
                long address = bench.page(way);
                long place = bench.space.entryAddress(address);
                long changed = way == 0 ? entry(bench.frame(3), true) : 0;
                Meeting meeting = new Meeting();
                bench.hooks.after("load64Acquire", place, () -> {
                    boolean returned = meeting.returnsMeanwhile(
                            () -> Expect.equal("update", 0, bench.space.update(address, changed)));
                    Expect.holdsNot("the update returned", returned);
                });
                bench.expectReads(address, 0x1000 + 0x100 * way);
                meeting.join();
                if (way == 0) {
                    bench.expectReads(address, 0x1300);
                } else {
                    bench.expectNothing(address);
                }
            }
        });
    }
}
