package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.refused;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;
import static grantlab.conformance.clause.OwnSpace.fault;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** Devices come, are waited for, and go. */
@Needs(iommu = DeviceSight.CONFINED)
final class DmaDevices {
    private static final String SOURCE = "DeviceSpace, drain";

    @Clause(
            id = "DMA-61",
            promise =
                    "A drain waits for an access that is under way, and its bytes arrive; meanwhile the frame counts as remembered, and"
                            + " no other does.",
            source = "DeviceSpace, drain, remembers")
    void waited(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            space.attach();
            Device device = space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long beside = own.shown(own.ram.frame(OTHER), READ_WRITE);
            fault("the first half of a write", 0, device.begin(own.address(mfn) + 16, Access.WRITE));
            own.hide(mfn, Page.ORDER_4K, READ_WRITE);
            space.queueInvalidation(own.place(mfn), Page.ORDER_4K);
            List<String> seen = new ArrayList<>();
            own.clock.meanwhile = () -> own.clock.meanwhile = () -> {
                seen.add(space.remembers(mfn) + " " + space.remembers(beside));
                fault("the second half", 0, device.finish(OwnSpace.word(42)));
                seen.add(space.remembers(mfn) + "");
            };
            Expect.status("the drain", Status.OKAY, space.drain());
            Expect.equal("what was remembered meanwhile, and then", List.of("true false", "false"), seen);
            Expect.equal("the bytes", 42, own.ram.memory().load64(Page.address(mfn) + 16));
            Expect.holdsNot("cut off", device.blocked());
            Expect.equal("quarantined", 0, space.counts().quarantined());
            fault("a read", DeviceFault.NOT_MAPPED, OwnSpace.read(device, own.address(mfn)));
        }
    }

    @Clause(
            id = "DMA-62",
            promise =
                    "A device that has not ended its access a second later is cut off, and not before: nothing arrives any more, others"
                            + " work, and nobody waits for it again.",
            source = "DeviceSpace, drain; Xen's iommu_dev_iotlb_timeout")
    void cutOff(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Device one = space.attach();
            Device hanging = space.attach();
            Device three = space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            fault("the first half", 0, hanging.begin(own.address(mfn), Access.WRITE));
            long start = own.clock.now();
            Expect.status("the drain", Status.QUARANTINED, space.drain());
            long step = OwnSpace.SteppingClock.STEP.toNanos();
            long took = own.clock.since(start) - step;
            Expect.equal("nanoseconds", DeviceSpace.DRAIN_NANOS, took);
            Expect.holds("cut off", hanging.blocked());
            Expect.holdsNot("another cut off", one.blocked() || three.blocked());
            Expect.equal("quarantined", 1, space.counts().quarantined());
            fault("the second half", DeviceFault.BLOCKED, hanging.finish(OwnSpace.word(42)));
            Expect.equal("the bytes", mfn, own.ram.memory().load64(Page.address(mfn)));
            fault("a read", DeviceFault.BLOCKED, OwnSpace.read(hanging, own.address(mfn)));
            fault("a write", DeviceFault.BLOCKED, OwnSpace.write(hanging, own.address(mfn), 42));
            fault("an atomic", DeviceFault.BLOCKED, hanging.compareAndExchange(own.address(mfn), 8, mfn, 42));
            fault("a beginning", DeviceFault.BLOCKED, hanging.begin(own.address(mfn), Access.READ));
            Expect.equal("the bytes", mfn, own.ram.memory().load64(Page.address(mfn)));
            OwnSpace.reads(one, own.address(mfn), mfn);
            start = own.clock.now();
            Expect.status("the next drain", Status.OKAY, space.drain());
            Expect.equal("nanoseconds", 0, own.clock.since(start));
            world.step("two more hang");
            fault("the first half", 0, one.begin(own.address(mfn), Access.READ));
            fault("the first half", 0, three.begin(own.address(mfn), Access.READ));
            Expect.status("the drain", Status.QUARANTINED, space.drain());
            Expect.holds("both cut off", one.blocked() && three.blocked());
            Expect.equal("quarantined", 3, space.counts().quarantined());
            fault("the second half", DeviceFault.BLOCKED, three.finish(OwnSpace.word(0)));
        }
    }

    @Clause(
            id = "DMA-63",
            promise = "What began after the drain did is not waited for; what is over is not either.",
            source = SOURCE)
    void later(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Device device = space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            OwnSpace.reads(device, own.address(mfn), mfn);
            long start = own.clock.now();
            Expect.status("a drain of nobody", Status.OKAY, space.drain());
            Expect.equal("nanoseconds", 0, own.clock.since(start));
            fault("the first half", 0, device.begin(own.address(mfn), Access.READ));
            own.clock.meanwhile = () -> {
                fault("the second half", 0, device.finish(OwnSpace.word(0)));
                fault("the next first half", 0, device.begin(own.address(mfn), Access.WRITE));
            };
            Expect.status("the drain", Status.OKAY, space.drain());
            Expect.holdsNot("cut off", device.blocked());
            fault("the next second half", 0, device.finish(OwnSpace.word(42)));
            Expect.equal("the bytes", 42, own.ram.memory().load64(Page.address(mfn)));
            world.step("a beginning that is refused is none");
            fault("a read", DeviceFault.NOT_MAPPED, device.begin(own.address(mfn) + (1L << 35), Access.READ));
            start = own.clock.now();
            Expect.status("the drain", Status.OKAY, space.drain());
            Expect.equal("nanoseconds", 0, own.clock.since(start));
        }
    }

    @Clause(
            id = "DMA-64",
            promise =
                    "A device that leaves does nothing any more, nor what it had begun; others stay, and whoever comes next has a number"
                            + " that nobody had.",
            source = "DeviceSpace, attach, detach")
    void detached(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Device one = space.attach();
            Device two = space.attach();
            Device three = space.attach();
            Expect.equal("numbers", List.of(0, 1, 2), List.of(one.number(), two.number(), three.number()));
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long idle = own.shown(own.ram.frame(OTHER), READ_WRITE);
            fault("the first half", 0, two.begin(own.address(mfn), Access.WRITE));
            space.detach(two);
            Expect.holds("cut off", two.blocked());
            fault("the second half", DeviceFault.BLOCKED, two.finish(OwnSpace.word(42)));
            Expect.equal("the bytes", mfn, own.ram.memory().load64(Page.address(mfn)));
            fault("a read", DeviceFault.BLOCKED, OwnSpace.read(two, own.address(mfn)));
            own.hide(mfn, Page.ORDER_4K, READ_WRITE);
            long start = own.clock.now();
            own.forget(mfn, Page.ORDER_4K);
            Expect.equal("nobody waits for it, nanoseconds", 0, own.clock.since(start));
            Expect.holdsNot("remembered", space.remembers(mfn));
            Expect.equal("quarantined", 0, space.counts().quarantined());
            OwnSpace.reads(one, own.address(idle), idle);
            OwnSpace.reads(three, own.address(idle), idle);
            Expect.equal("the next number", 3, space.attach().number());
            fault("the first half", 0, three.begin(own.address(idle), Access.READ));
            Expect.status("who stays is waited for", Status.QUARANTINED, space.drain());
            space.detach(three);
            Expect.holds("cut off", three.blocked());
            space.detach(one);
            fault("a read", DeviceFault.BLOCKED, OwnSpace.read(one, own.address(idle)));
        }
    }

    @Clause(
            id = "DMA-65",
            promise = "When its domain dies no device reaches anything any more, and none comes.",
            source = "DeviceSpace, dispose")
    void disposed(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Device one = space.attach();
            Device two = space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), READ_WRITE);
            OwnSpace.reads(one, own.address(mfn), mfn);
            fault("the first half", 0, two.begin(own.address(mfn), Access.WRITE));
            long block = own.ram.block(OTHER, Page.ORDER_2M);
            own.show(block, Page.ORDER_2M, Access.READ);
            space.dispose();
            Expect.holds("both cut off", one.blocked() && two.blocked());
            fault("the second half", DeviceFault.BLOCKED, two.finish(OwnSpace.word(42)));
            fault("a read", DeviceFault.BLOCKED, OwnSpace.read(one, own.address(mfn)));
            Expect.equal("the bytes", mfn, own.ram.memory().load64(Page.address(mfn)));
            Expect.holdsNot("remembered", space.remembers(mfn));
            refused("another device", IllegalStateException.class, space::attach);
            if (!space.followsPhysicalMap()) {
                Expect.equal("entries", DeviceSpace.NONE, space.next(0));
                Expect.equal("entry", DeviceSpace.NO_ENTRY, space.entry(own.place(mfn)));
                Expect.equal("entry in a block", DeviceSpace.NO_ENTRY, space.entry(own.place(block + 5)));
            }
        }
    }

    @Clause(
            id = "DMA-66",
            promise =
                    "Each fault is written down with who tried what where, and why not; an atomic asks for both rights.",
            source = "DeviceSpace, faults; DeviceFault")
    void faults(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            space.attach();
            Device device = space.attach();
            long mfn = own.shown(own.ram.frame(OTHER), Access.READ);
            long address = own.address(mfn) + 8;
            long nowhere = (1L << 35) + 16;
            Expect.equal("faults", List.of(), space.faults());
            List<DeviceFault> expected = new ArrayList<>();
            OwnSpace.read(device, nowhere);
            expected.add(new DeviceFault(0, 1, nowhere, Access.READ, DeviceFault.NOT_MAPPED));
            OwnSpace.write(device, address, 1);
            expected.add(new DeviceFault(1, 1, address, Access.WRITE, DeviceFault.NOT_WRITABLE));
            device.compareAndExchange(address, 8, 0, 1);
            expected.add(new DeviceFault(2, 1, address, READ_WRITE, DeviceFault.NOT_WRITABLE));
            device.begin(nowhere, Access.WRITE);
            expected.add(new DeviceFault(3, 1, nowhere, Access.WRITE, DeviceFault.NOT_MAPPED));
            device.compareAndExchange(nowhere, 4, 0, 1);
            expected.add(new DeviceFault(4, 1, nowhere, READ_WRITE, DeviceFault.NOT_MAPPED));
            fault("no fault", 0, device.begin(address, Access.READ));
            space.detach(device);
            device.finish(OwnSpace.word(0));
            expected.add(new DeviceFault(5, 1, address, Access.READ, DeviceFault.BLOCKED));
            Expect.equal("faults", expected, space.faults());
            Expect.equal("how many", 6, space.counts().faults());
            Device last = space.attach();
            for (int n = 0; n < 70; n++) {
                OwnSpace.read(last, nowhere + n);
            }
            List<DeviceFault> kept = space.faults();
            for (int n = 0; n < kept.size(); n++) {
                long number = 76L - kept.size() + n;
                long where = nowhere + number - 6;
                Expect.equal(
                        "a fault",
                        number < 6
                                ? expected.get((int) number)
                                : new DeviceFault(number, 2, where, Access.READ, DeviceFault.NOT_MAPPED),
                        kept.get(n));
            }
            Expect.holds("some are kept", !kept.isEmpty());
        }
    }
}
