package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** What CPUs do again and again while something else happens: the runners of races. */
final class Traffic {
    private static final int TIMES = 300;
    private static final int USES_OF_A_KIND = 128;

    private Traffic() {}

    /** The grantee with two CPUs. */
    static Party twoCpus(World world) {
        return Rebuilt.grantee(world, config -> config.withVcpus(2));
    }

    /** Both CPUs of a guest, with their arguments on different pages. */
    static Cpu[] cpus(World world, Party guest) {
        return new Cpu[] {
            new Cpu(guest.vcpu(), guest.page(60)), new Cpu(Rebuilt.secondCpu(world, guest), guest.page(61))
        };
    }

    /** Maps, or finds the entry withdrawn; what was mapped is unmapped. */
    static void mapAndUnmap(Cpu cpu, long ref, long address, int flags) {
        for (int n = 0; n < TIMES; n++) {
            Mapped mapped = cpu.call(MapCall.of(World.GRANTER, ref).at(address).flags(flags));
            if (mapped.status() == Status.OKAY) {
                Expect.okay(cpu.call(UnmapCall.of(mapped.handle()).at(address)));
            } else {
                Expect.status(Status.GENERAL_ERROR, mapped);
            }
        }
    }

    /** The granter withdraws the first entry whenever it can, and grants p0 again. */
    static void withdrawAndGrant(World world) {
        for (int n = 0; n < TIMES; n++) {
            if (world.table().end(World.FIRST_INDEX)) {
                world.table()
                        .grant(
                                World.FIRST_INDEX,
                                World.GRANTEE,
                                world.granter().pageFrame(0),
                                Page.ORDER_4K,
                                Access.READ | Access.WRITE);
            }
        }
    }

    /** Maps, if it can, unmaps, and copies, five times. */
    static void useAFewTimes(Driver driver, long ref) {
        for (int n = 0; n < 5; n++) {
            MappedGrant mapped = new MappedGrant();
            if (driver.tryMap(ref, 0, Access.READ | Access.WRITE, mapped) == 0) {
                driver.unmap(mapped);
            }
            driver.copyOut(ref, 1);
        }
    }

    /** Takes as many handles as it gets, 128 at most, then gives back the oldest for each. */
    static void takeAndGive(Cpu cpu, long ref, long address, AtomicIntegerArray holders) {
        record Held(int handle, int place) {}
        Deque<Held> mine = new ArrayDeque<>();
        Deque<Integer> places =
                new ArrayDeque<>(IntStream.range(0, USES_OF_A_KIND).boxed().toList());
        for (int n = 0; n < 2 * TIMES || !mine.isEmpty(); n++) {
            boolean took = false;
            if (n < 2 * TIMES && !places.isEmpty()) {
                int place = places.remove();
                Mapped mapped = cpu.call(MapCall.of(World.GRANTER, ref)
                        .at(address + Page.address(place))
                        .readonly());
                took = mapped.status() == Status.OKAY;
                if (took) {
                    Expect.equal("holders of handle " + mapped.handle(), 0, holders.getAndIncrement(mapped.handle()));
                    mine.add(new Held(mapped.handle(), place));
                } else {
                    Expect.status(Status.NO_SPACE, mapped);
                    places.add(place);
                }
            }
            if (!took && !mine.isEmpty()) {
                Held oldest = mine.remove();
                holders.decrementAndGet(oldest.handle());
                Expect.okay(cpu.call(UnmapCall.of(oldest.handle()).at(address + Page.address(oldest.place()))));
                places.add(oldest.place());
            }
        }
    }

    /** Until the domain runs no more: then its kernel loses its memory in whatever it does. */
    static void untilDead(Party guest, Runnable work) {
        try {
            while (guest.vcpu().running()) {
                work.run();
            }
        } catch (IllegalStateException e) {
            if (guest.vcpu().running()) {
                throw e;
            }
        }
    }

    /** A moment. */
    static void pause(int spins) {
        for (int n = 0; n < spins; n++) {
            Thread.onSpinWait();
        }
    }

    /** Maps what the granter swaps meanwhile; page n holds 100 + n. */
    static void mapAndCompare(Party granter, Party grantee, Cpu mapper, long ref, AtomicBoolean over) {
        try {
            for (int n = 0; n < 2 * TIMES; n++) {
                Mapped mapped = mapper.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
                Expect.okay(mapped);
                long page = grantee.load(grantee.slot(0)) - 100;
                Expect.equal("frame", granter.machineFrame((int) page), Page.frame(mapped.deviceAddress()));
                Expect.bits(
                        "marks", Gtf.READING, Gtf.READING, granter.entry(ref).flags());
                Expect.okay(mapper.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
            }
        } finally {
            over.set(true);
        }
    }

    /** First the look, then the store, then whether it arrived. */
    static void expectNoLateStore(World world, Vcpu writer, long address, long value) {
        boolean inUse = world.table().inUse(World.FIRST_INDEX);
        writer.store(address, Long.BYTES, value);
        Expect.holdsNot(
                "a store arrives where nothing is in use",
                !inUse && world.granter().load(world.granter().page(0)) == value);
    }
}
