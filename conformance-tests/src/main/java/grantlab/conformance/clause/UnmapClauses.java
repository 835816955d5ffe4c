package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** What an unmap takes away and what it leaves, and GNTTABOP_unmap_grant_ref. */
public final class UnmapClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public UnmapClauses() {}

    @Override
    public String prefix() {
        return "UNMAP";
    }

    @Override
    public String title() {
        return "Unmapping a grant";
    }

    @Clause(
            id = "UNMAP-01",
            promise = "After an unmap neither load nor store reaches the page, and the granter can end the grant.",
            source = "xen-semantics.md, 2.2, 11.1 rule 2")
    void reallyGone(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = greet(world);
        world.step("the grantee maps it and uses it: whatever can cache the translation does");
        MappedGrant mapping = Backend.of(world).map(ref, 0);
        Sight.value(grantee, grantee.slot(0), GREETING);
        grantee.store(grantee.slot(0), REPLY);

        world.step("the grantee unmaps it");
        Backend.of(world).unmap(mapping);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.value(granter, granter.page(0), REPLY);
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "UNMAP-02",
            promise = "A mapping can be undone once: a second unmap is refused and takes nothing from others.",
            source = "xen-semantics.md, 2.2 row 2; XSA-218")
    void onlyOnce(World world) {
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = greet(world);
        world.step("the grantee maps it at m0 and m1, and unmaps m0 twice");
        MappedGrant mapping = driver.map(ref, 0);
        driver.map(ref, 1);
        driver.unmap(mapping);
        long references = world.references(0);
        driver.cannotUnmap(Status.BAD_HANDLE, mapping);

        world.step("the mapping at m1 is as it was");
        Sight.value(grantee, grantee.slot(1), GREETING);
        Expect.equal("references on p0", references, world.references(0));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "UNMAP-03",
            promise = "An unmap gives back the page's reference and the writer's hold on its type.",
            source = "xen-semantics.md, 3.7; XSA-224")
    void referencesReturn(World world) {
        Backend driver = Backend.of(world);
        long ref = greet(world);
        long references = world.references(0);
        long uses = typeUses(world);
        for (int access : new int[] {READ_WRITE, Access.READ}) {
            world.step("the grantee maps and unmaps it, " + (Access.writes(access) ? "writable" : "read-only"));
            MappedGrant mapping = driver.map(ref, 0, access);
            boolean held = Access.writes(access) && !world.granter().translated();
            Expect.equal("uses of the type of p0 while mapped", uses + (held ? 1 : 0), typeUses(world));
            driver.unmap(mapping);
            Expect.equal("references on p0", references, world.references(0));
            Expect.equal("uses of the type of p0", uses, typeUses(world));
        }
    }

    @Clause(
            id = "UNMAP-04",
            promise = "The place of a mapping can be used again at once, for the same grant or another.",
            source = "xen-semantics.md, 2.2")
    void placeUsedAgain(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long first = greet(world);
        granter.store(granter.page(1), REPLY);
        long second = world.grant(1, Access.READ);
        world.step("the grantee maps p0, p1 and p0 again at m0, one after the other");
        driver.unmap(driver.map(first, 0));
        MappedGrant other = driver.map(second, 0, Access.READ);
        Sight.readOnly(grantee, grantee.slot(0), REPLY);
        driver.unmap(other);
        driver.map(first, 0);
        Sight.value(grantee, grantee.slot(0), GREETING);
    }

    @Needs(format = "in-use-bits")
    @Clause(
            id = "UNMAP-05",
            promise = "The entry stays in use until the last of its mappings is undone.",
            source = "xen-semantics.md, 3.5")
    void inUseUntilLast(World world) {
        Backend driver = Backend.of(world);
        long ref = greet(world);
        world.step("the grantee maps it writable, read-only and writable");
        MappedGrant first = driver.map(ref, 0);
        MappedGrant reader = driver.map(ref, 1, Access.READ);
        MappedGrant last = driver.map(ref, 2);

        world.step("it unmaps them one by one");
        driver.unmap(reader);
        Expect.holds("the entry is in use with two mappings", world.table().inUse(World.FIRST_INDEX));
        driver.unmap(first);
        Expect.holds("the entry is in use with one mapping", world.table().inUse(World.FIRST_INDEX));
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
        driver.unmap(last);
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    @Clause(
            id = "UNMAP-06",
            promise = "Nobody can undo another domain's mapping, nor one that nobody made.",
            source = "xen-semantics.md, 2.2 rows 1 and 2, 3.8")
    void notAnothers(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        MappedGrant mapping = Backend.of(world).map(ref, 0);

        world.step("a third domain and the granter try to undo it, the grantee to undo what does not exist");
        Backend.in(world, world.third()).cannotUnmap(Status.BAD_HANDLE, mapping);
        Backend.in(world, world.granter()).cannotUnmap(Status.BAD_HANDLE, mapping);
        long handle = mapping.handle;
        mapping.handle = handle + 1;
        Backend.of(world).cannotUnmap(Status.BAD_HANDLE, mapping);
        mapping.handle = handle ^ 0x4000_0000;
        Backend.of(world).cannotUnmap(Status.BAD_HANDLE, mapping);

        world.step("the mapping is as it was");
        Sight.value(grantee, grantee.slot(0), GREETING);
        mapping.handle = handle;
        Backend.of(world).unmap(mapping);
    }

    @Clause(
            id = "UNMAP-07",
            promise = "Mappings of different grants are undone in any order, each taking away its own page only.",
            source = "xen-semantics.md, 2.2")
    void anyOrder(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        int count = 8;
        MappedGrant[] mappings = new MappedGrant[count];
        world.step("the granter grants p0 to p7, the grantee maps them at m0 to m7");
        for (int n = 0; n < count; n++) {
            granter.store(granter.page(n), GREETING + n);
            mappings[n] = driver.map(world.grant(n, READ_WRITE), n);
        }
        world.step("the grantee unmaps every third, round and round");
        boolean[] gone = new boolean[count];
        for (int turn = 0; turn < count; turn++) {
            int n = turn * 3 % count;
            driver.unmap(mappings[n]);
            gone[n] = true;
            for (int other = 0; other < count; other++) {
                if (gone[other]) {
                    Sight.nothing(grantee, grantee.slot(other));
                } else {
                    Sight.value(grantee, grantee.slot(other), GREETING + other);
                }
            }
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-08",
            promise = "An unmap that names neither a host nor a device address succeeds and does nothing.",
            source = "xen-semantics.md, 2.2; XSA-394")
    void zeroAddresses(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, greet(world), 0);
        long references = world.references(0);
        world.step("the grantee unmaps with both addresses zero, twice");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle())));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle())));
        Sight.value(grantee, grantee.slot(0), GREETING);
        Expect.equal("references on p0", references, world.references(0));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("the grantee unmaps it in earnest");
        unmap(world, mapped, grantee.slot(0));
        Expect.status(Status.BAD_HANDLE, grantee.call(UnmapCall.of(mapped.handle())));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-09",
            promise = "A dev_bus_addr is ignored where no device mapping exists, right or wrong.",
            source = "xen-semantics.md, 2.2; xen-semantics.md, 12.11")
    void deviceAddressIgnored(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, greet(world), 0);
        world.step("the grantee unmaps by device address, a wrong one and the right one");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).device(mapped.deviceAddress() + Page.SIZE)));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).device(mapped.deviceAddress())));
        Sight.value(grantee, grantee.slot(0), GREETING);

        world.step("the grantee unmaps by host address, with a wrong device address beside it");
        Expect.okay(
                grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0)).device(mapped.deviceAddress() + 1)));
        Sight.nothing(grantee, grantee.slot(0));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-10",
            promise = "The low twelve bits of host_addr count neither in map nor in unmap.",
            source = "xen-semantics.md, 2.2, 6.1; xen-semantics.md, 12.10 and 12.16")
    void lowBitsIgnored(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        int[] offsets = {1, 8, 0xfff};
        for (int n = 0; n < offsets.length; n++) {
            world.step("the grantee maps at m0 plus " + offsets[n] + " and unmaps at another offset");
            Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0) + offsets[n]));
            Expect.okay(mapped);
            Sight.value(grantee, grantee.slot(0), GREETING);
            unmap(world, mapped, grantee.slot(0) + offsets[(n + 1) % offsets.length]);
            Sight.nothing(grantee, grantee.slot(0));
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-11",
            promise = "The address given to unmap is believed only if the handle's frame is there; else nothing is"
                    + " undone.",
            source = "xen-semantics.md, 2.2 row 8, 11.1 rule 9; XSA-234")
    void wrongAddress(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Mapped mapped = map(world, greet(world), 0);
        granter.store(granter.page(1), REPLY);
        Mapped other = map(world, world.grant(1, READ_WRITE), 1);
        long references = world.references(0);

        world.step("the grantee names an empty slot, another mapping, its own memory, and addresses of nothing");
        long[] wrong = {grantee.slot(2), grantee.slot(1), grantee.page(0), 0x300_0000_0000L, -Page.SIZE};
        for (long address : wrong) {
            Expect.status(
                    Status.GENERAL_ERROR,
                    grantee.call(UnmapCall.of(mapped.handle()).at(address)));
        }
        Sight.value(grantee, grantee.slot(0), GREETING);
        Sight.value(grantee, grantee.slot(1), REPLY);
        Expect.equal("references on p0", references, world.references(0));

        world.step("both mappings can still be undone");
        unmap(world, mapped, grantee.slot(0));
        unmap(world, other, grantee.slot(1));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-12",
            promise = "Two handles of one frame and one right may be undone with each other's address.",
            source = "xen-semantics.md, 7.4; xen-semantics.md, 12.10")
    void addressesExchanged(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long references = world.references(0);
        Mapped first = map(world, ref, 0);
        Mapped second = map(world, ref, 1);
        world.step("the grantee unmaps the first at m1, the second at m0");
        unmap(world, first, grantee.slot(1));
        Sight.nothing(grantee, grantee.slot(1));
        Sight.value(grantee, grantee.slot(0), GREETING);
        unmap(world, second, grantee.slot(0));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal("references on p0", references, world.references(0));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-13",
            promise = "Of two elements of one call with the same handle the first is served, the second gets -4.",
            source = "xen-semantics.md, 2.2")
    void twiceInOneCall(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, greet(world), 0);
        world.step("the grantee unmaps it twice in one call");
        UnmapCall call = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
        List<Answer> answers = grantee.batch(List.of(call, call));
        Expect.status(Status.OKAY, answers.get(0));
        Expect.status(Status.BAD_HANDLE, answers.get(1));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-14",
            promise = "A handle that names no live mapping is -4 before anything else of the element is looked at.",
            source = "xen-semantics.md, 2.2 rows 1 and 2")
    void badHandles(World world) {
        Party grantee = world.grantee();
        world.step("the grantee unmaps before it ever mapped");
        int[] handles = {0, 1, 255, 256, 0x7fff_ffff, 0x8000_0000, -1};
        everyOneRefused(grantee, handles);

        world.step("the grantee maps once, which is handle 0, and tries the others");
        Mapped mapped = map(world, greet(world), 0);
        Expect.equal("the first handle", 0, mapped.handle());
        everyOneRefused(grantee, new int[] {1, 255, 256, 0x10000, 0x7fff_ffff, 0x8000_0000, -1});
        unmap(world, mapped, grantee.slot(0));
        everyOneRefused(grantee, handles);
    }

    private static void everyOneRefused(Party grantee, int... handles) {
        for (int handle : handles) {
            UnmapCall call = UnmapCall.of(handle);
            Expect.status(Status.BAD_HANDLE, grantee.call(call));
            Expect.status(Status.BAD_HANDLE, grantee.call(call.at(grantee.slot(0))));
            Expect.status(Status.BAD_HANDLE, grantee.call(call.at(-1).device(1)));
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "UNMAP-15",
            promise = "A mapping can be undone though its entry was emptied, renamed or given to somebody else"
                    + " meanwhile.",
            source = "xen-semantics.md, 3.6, 3.12 (change domid/frame in use); recording unmap_v1 lines 91..134")
    void entryRewritten(World world) {
        Party grantee = world.grantee();
        world.third();
        long ref = greet(world);
        long references = world.references(0);
        world.step("the grantee maps it, and the granter makes it a grant of p1 to the third domain");
        Mapped mapped = map(world, ref, 0);
        world.granter().entry(ref).set("domid", World.THIRD);
        world.granter().entry(ref).set("frame", world.granter().pageFrame(1));
        world.granter().entry(ref).set("flags", 0);

        world.step("the grantee still has p0, and unmaps it");
        Sight.value(grantee, grantee.slot(0), GREETING);
        unmap(world, mapped, grantee.slot(0));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal("references on p0", references, world.references(0));
        Expect.equal("flags and marks", 0, world.granter().entry(ref).flags());
    }

    private static long typeUses(World world) {
        return world.machine().frames().typeUses(world.granter().machineFrame(0));
    }

    private static Mapped map(World world, long ref, int slot) {
        Party grantee = world.grantee();
        MapCall call = MapCall.of(World.GRANTER, ref).at(grantee.slot(slot)).flags(Gntmap.HOST_MAP);
        Mapped mapped = grantee.call(call);
        Expect.okay(mapped);
        return mapped;
    }

    private static void unmap(World world, Mapped mapped, long address) {
        Expect.okay(world.grantee().call(UnmapCall.of(mapped.handle()).at(address)));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
