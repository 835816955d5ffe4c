package grantlab.conformance.clause;

import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A granter that takes back at random from a grantee that does not cooperate: two CPUs that map, unmap, copy, load and store, and two
 * devices that read and write. It is over when the granter has had its turns; then everything is unmapped, and the pages have the
 * references that they had.
 */
final class Siege {
    /** Pages that are granted, each at two indices. */
    static final int PAGES = 12;

    /** Indices. */
    static final int INDICES = 2 * PAGES;

    /** Records between two points at which others may have the CPU (grant-v3.md, section 1). */
    private static final int SLICE = 32;

    /** Nobody did anything in so many looks, a second apart: they wait for each other. */
    private static final int LOOKS = 60;

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final World world;
    private final Grants grants;
    private final int turns;
    private final List<Besieger> actors = new ArrayList<>();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();

    /** Somebody who acts on a thread of his own. */
    abstract static class Besieger {
        /** Turns that were done, for the watchdog. */
        final AtomicLong progress = new AtomicLong();

        final RandomGenerator random;

        Besieger(long seed) {
            this.random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
        }

        /** One thing. @return false: it has no more to do */
        abstract boolean turn();

        /** All is over. @return false: there is more to clean up */
        boolean cleanUp() {
            return true;
        }
    }

    private Siege(World world, Grants grants, int turns) {
        this.world = world;
        this.grants = grants;
        this.turns = turns;
    }

    static void tree(World world, int turns) {
        begin(world, turns);
        new Siege(world, new TreeGrants(world, INDICES), turns).run(false);
    }

    /** One of the CPUs maps runs, of which the granter takes a leaf now and then. */
    static void runs(World world, int turns) {
        begin(world, turns);
        new Siege(world, new TreeGrants(world, INDICES), turns).runOfRuns();
    }

    static void flat(World world, int version, int turns) {
        begin(world, turns);
        FlatReferences.agree(world.grantee());
        new Siege(world, new FlatGrants(world, version), turns).run(true);
    }

    private static void begin(World world, int turns) {
        Traffic.twoCpus(world);
        world.step("a siege of " + turns + " turns");
    }

    private void run(boolean flat) {
        RandomGenerator seeds = world.random();
        Party grantee = world.grantee();
        Revoker granter = Revoker.greedy(world, grants, turns, seeds.nextLong());
        Grabber one = new Grabber(world, grants, flat, granter::crowded, 0, grantee.vcpu(), seeds.nextLong());
        Grabber other = new Grabber(
                world, grants, flat, granter::crowded, 1, Rebuilt.secondCpu(world, grantee), seeds.nextLong());
        besiege(granter, one, other, seeds, () -> granter.takeFromCrowd(List.of(one, other)));
    }

    private void runOfRuns() {
        RandomGenerator seeds = world.random();
        Revoker granter = Revoker.gentle(world, grants, turns, seeds.nextLong());
        RunGrabber one = new RunGrabber(world, grants, seeds.nextLong());
        Grabber other = Grabber.modest(world, grants, Rebuilt.secondCpu(world, world.grantee()), seeds.nextLong());
        besiege(granter, one, other, seeds, () -> {});
    }

    private void besiege(Revoker granter, Besieger one, Besieger other, RandomGenerator seeds, Runnable first) {
        long[] before = references();
        first.run();
        actors.add(granter);
        actors.add(one);
        actors.add(other);
        for (int device = 0; device < World.DEVICES; device++) {
            actors.add(new Master(world, world.grantee().device(device).bare(), seeds.nextLong()));
        }
        together(granter);
        granter.expectHadItsWay();
        long[] after = references();
        for (int page = 0; page < PAGES; page++) {
            Expect.equal("references of page " + page, before[page], after[page]);
        }
        int longest = world.machine().longestSlice();
        Expect.holds("a slice has at most " + SLICE + " records, not " + longest, longest <= SLICE);
    }

    private long[] references() {
        long[] references = new long[PAGES];
        for (int page = 0; page < PAGES; page++) {
            references[page] = world.references(page);
        }
        return references;
    }

    private void together(Revoker granter) {
        List<Thread> threads = new ArrayList<>();
        for (Besieger actor : actors) {
            threads.add(Thread.ofPlatform()
                    .daemon()
                    .name(actor.getClass().getSimpleName())
                    .start(() -> act(actor, granter)));
        }
        long seen = -1;
        int idle = 0;
        for (Thread thread : threads) {
            while (!joined(thread)) {
                long now =
                        actors.stream().mapToLong(actor -> actor.progress.get()).sum();
                idle = now == seen ? idle + 1 : 0;
                seen = now;
                if (idle == LOOKS) {
                    throw new IllegalStateException("nobody gets any further: " + stacks(threads));
                }
            }
        }
        Throwable first = thrown.get();
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static boolean joined(Thread thread) {
        try {
            return thread.join(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during a siege", e);
        }
    }

    /** What one throws ends the siege for all. */
    private void act(Besieger actor, Revoker granter) {
        try {
            boolean busy = true;
            while (busy && thrown.get() == null && (actor == granter || !granter.over())) {
                busy = actor.turn();
                actor.progress.incrementAndGet();
            }
            while (thrown.get() == null && !actor.cleanUp()) {
                actor.progress.incrementAndGet();
            }
        } catch (RuntimeException | Error e) {
            thrown.compareAndSet(null, e);
        }
    }

    private static String stacks(List<Thread> threads) {
        StringBuilder text = new StringBuilder();
        for (Thread thread : threads) {
            text.append(System.lineSeparator()).append(thread.getName());
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append(System.lineSeparator()).append("  at ").append(frame);
            }
        }
        return text.toString();
    }
}
