package grantlab.conformance.clause;

import static grantlab.conformance.clause.Abi3Forms.pause;
import static grantlab.conformance.clause.Abi3Forms.reserved;
import static grantlab.conformance.clause.Abi3Forms.sound;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Where the arguments of an operation of the tree lie, and what they must say before it begins. */
@Needs(format = "layout-tree")
final class Abi3Arguments {
    private static final int PAUSE = GnttabOp.V3_TREE_UPDATE;
    /** Structs of one call that every domain may make with success. */
    private static final List<V3Form> STRUCTS = List.of(
            V3Form.QUERY,
            V3Form.TREE_CREATE,
            V3Form.TREE_UPDATE,
            V3Form.TREE_DESTROY,
            V3Form.REVOKE,
            V3Form.SET_ACCESS,
            V3Form.INVALIDATE,
            V3Form.SYNC,
            V3Form.PROBE,
            V3Form.RING_REGISTER,
            V3Form.GRANTEE_CTL);
    /** Flags of the head that some version of the text gives a meaning, with KEEP_LEAF and whatever is announced later. */
    private static final long UNKNOWN = 1L << 31;

    /** The page of structs becomes zeros: what its guest's kernel had there would be the tail of a longer struct. */
    private static void clear(Party party) {
        long page = party.gate().structs().address();
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            party.store(page + at, 0);
        }
    }

    /** Whatever was wrong, the same struct without the fault succeeds. */
    private static void expectSound(V3Gate gate, V3Call sound) {
        Expect.okay(gate.call(sound));
    }

    @Clause(
            id = "ABI3-01",
            promise = "Operations 13 to 26 exist at most; 27 is kept for later, and there is none beyond.",
            source = "grant-v3.md, ABI-1")
    void numbers(World world) {
        Party granter = world.granter();
        V3Gate gate = granter.gate();
        V3Call sound = pause(world);
        gate.write(sound, 0);
        for (int number : new int[] {27, 28, 63, 64, 4095}) {
            Expect.rc(
                    -Errno.ENOSYS,
                    gate.enter(number, Page.address(gate.structs().frame()), 1));
        }
        Expect.equal("the struct", sound, gate.read(V3Form.TREE_UPDATE, 0, 0).left());
        expectSound(gate, sound);
    }

    @Clause(
            id = "ABI3-02",
            promise = "The count is 1: every other is refused, and the struct is not looked at.",
            source = "grant-v3.md, ABI-2")
    void count(World world) {
        V3Gate gate = world.granter().gate();
        V3Call sound = pause(world);
        for (long count : new long[] {0, 2, 64, Integer.MAX_VALUE, -1}) {
            gate.write(sound, 0);
            Expect.rc(
                    -Errno.EINVAL, gate.enter(PAUSE, Page.address(gate.structs().frame()), count));
            Expect.equal(
                    "the struct", sound, gate.read(V3Form.TREE_UPDATE, 0, 0).left());
        }
        expectSound(gate, sound);
    }

    @Clause(
            id = "ABI3-03",
            promise =
                    "A struct begins at a multiple of 8 and ends within its page; the last place of a page is as good as"
                            + " the first.",
            source = "grant-v3.md, ABI-3")
    void place(World world) {
        V3Gate gate = world.granter().gate();
        long page = Page.address(gate.structs().frame());
        V3Call sound = pause(world);
        gate.write(sound, 0);
        for (int offset : new int[] {1, 2, 4, 7, Page.SIZE - sound.form().size() + 8, Page.SIZE - 8}) {
            Expect.rc(-Errno.EINVAL, gate.enter(PAUSE, page + offset, 1));
        }
        int last = Page.SIZE - sound.form().size();
        gate.write(sound, last);
        V3Answer answer = gate.read(sound.form(), last, gate.enter(PAUSE, page + last, 1));
        Expect.okay(answer);
    }

    @Clause(
            id = "ABI3-04",
            promise =
                    "The struct lies in plain memory of the caller: no hole, nobody else's page, no page behind a grant.",
            source = "grant-v3.md, ABI-4, SEC-15")
    void plainMemory(World world) {
        Party grantee = world.grantee();
        V3Call sound = RawTree.of(grantee, RawTree.creation(world).with(V3TreeCreate.PEER, World.GRANTER))
                .naming(V3Form.TREE_UPDATE)
                .and(V3TreeUpdate.PAUSE);
        V3Gate gate = grantee.gate();
        gate.write(sound, 0);
        new Driver(grantee).map(world.grant(0, Access.READ | Access.WRITE), 9, Access.READ | Access.WRITE);
        long granted = grantee.translated()
                ? Page.frame(grantee.slot(9))
                : world.granter().machineFrame(0);
        for (long frame :
                new long[] {Page.frame(grantee.slot(3)), granted, world.third().machineFrame(0), Page.FRAME_LIMIT - 1
                }) {
            Expect.rc(-Errno.EFAULT, gate.enter(PAUSE, Page.address(frame), 1));
        }
        expectSound(gate, sound);
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "ABI3-05",
            promise = "A PV guest's page table is no place for a struct, and stays as it is.",
            source = "grant-v3.md, ABI-4, SEC-15")
    void pageTable(World world) {
        Party granter = world.granter();
        V3Gate gate = granter.gate();
        long entry = granter.domain().addressSpace().entryAddress(granter.page(0));
        long before = world.machine().memory().load64(entry);
        Expect.rc(-Errno.EFAULT, gate.enter(PAUSE, Page.address(Page.frame(entry)), 1));
        Expect.rc(-Errno.EFAULT, gate.enter(GnttabOp.V3_MAP, Page.address(Page.frame(entry)), 1));
        Expect.equal("entry of p0", before, world.machine().memory().load64(entry));
        expectSound(gate, pause(world));
    }

    @Clause(
            id = "ABI3-06",
            promise = "What a call holds of the caller's pages ends with it, refused or not.",
            source = "grant-v3.md, ABI-4")
    void references(World world) {
        Party granter = world.granter();
        V3Gate gate = granter.gate();
        FrameTable frames = world.machine().frames();
        V3Call sound = pause(world);
        long struct = granter.domain().physicalMap().machineFrame(gate.structs().frame());
        long array = granter.domain().physicalMap().machineFrame(gate.arrays().frame());
        long before = frames.references(struct);
        for (V3Call call : List.of(
                sound,
                sound.with(V3TreeUpdate.SLOT, 0),
                sound.with(V3Head.VERSION, 2),
                V3Call.of(V3Form.MAP),
                V3Call.of(V3Form.UNMAP))) {
            gate.call(call);
            Expect.equal("references on the page of the struct", before, frames.references(struct));
            Expect.equal("references on the page of the array", before, frames.references(array));
        }
    }

    @Clause(
            id = "ABI3-07",
            promise =
                    "The head says version 3 and a size that is not smaller than the struct and ends in the page; else"
                            + " nothing is written.",
            source = "grant-v3.md, ABI-5")
    void head(World world) {
        V3Gate gate = world.granter().gate();
        V3Call sound = pause(world);
        int size = sound.form().size();
        for (V3Call wrong : List.of(
                sound.with(V3Head.VERSION, 0),
                sound.with(V3Head.VERSION, 2),
                sound.with(V3Head.VERSION, 4),
                sound.with(V3Head.VERSION, 0x103),
                sound.with(V3Head.STRUCT_SIZE, 0),
                sound.with(V3Head.STRUCT_SIZE, size - 1),
                sound.with(V3Head.STRUCT_SIZE, size - 8),
                sound.with(V3Head.STRUCT_SIZE, Page.SIZE + 1),
                sound.with(V3Head.STRUCT_SIZE, 0xffff))) {
            V3Answer answer = gate.call(wrong);
            Expect.rc(-Errno.EINVAL, answer.rc());
            Expect.equal("the struct", wrong, answer.left());
        }
        clear(world.granter());
        expectSound(gate, sound.with(V3Head.STRUCT_SIZE, Page.SIZE));
    }

    @Clause(
            id = "ABI3-19",
            promise = "Each operation with a struct of its own refuses a head of another version, and writes nothing.",
            source = "grant-v3.md, ABI-5")
    void headOfEach(World world) {
        V3Gate gate = world.granter().gate();
        for (V3Form form : EnumSet.complementOf(EnumSet.of(V3Form.MAP, V3Form.UNMAP, V3Form.COPY, V3Form.BATCH))) {
            V3Call wrong = V3Call.of(form).with(V3Head.VERSION, 2);
            V3Answer answer = gate.call(wrong);
            Expect.rc(-Errno.EINVAL, answer.rc());
            Expect.equal("the struct of " + form.verb(), wrong, answer.left());
        }
    }

    @Clause(
            id = "ABI3-08",
            promise = "A struct may be longer than the hypervisor knows it: zeros are passed over, anything else is"
                    + " unsupported.",
            source = "grant-v3.md, ABI-6")
    void longer(World world) {
        Party granter = world.granter();
        V3Gate gate = granter.gate();
        for (V3Form form : STRUCTS) {
            V3Call longer = sound(world, form).with(V3Head.STRUCT_SIZE, form.size() + 24);
            clear(granter);
            long behind = gate.structs().address() + form.size();
            for (int at : new int[] {0, 7, 8, 23}) {
                Expect.equal("fault", 0, granter.vcpu().store(behind + at, 1, 1));
                Expect.status(Status.UNSUPPORTED, gate.call(longer));
                Expect.equal("fault", 0, granter.vcpu().store(behind + at, 1, 0));
            }
            Expect.equal("fault", 0, granter.vcpu().store(behind + 24, 1, 1));
            Expect.okay(gate.call(longer));
            Expect.equal("fault", 0, granter.vcpu().store(behind + 24, 1, 0));
        }
    }

    @Clause(
            id = "ABI3-09",
            promise =
                    "A flag that nobody knows is unsupported, before reserved bytes are looked at, and nothing is done.",
            source = "grant-v3.md, ABI-7")
    void unknownFlags(World world) {
        V3Gate gate = world.granter().gate();
        for (V3Form form : STRUCTS) {
            V3Call sound = sound(world, form);
            for (int bit = 8; bit < 32; bit++) {
                Expect.status(Status.UNSUPPORTED, gate.call(sound.and(1L << bit)));
            }
            for (V3Field field : reserved(form)) {
                Expect.status(Status.UNSUPPORTED, gate.call(sound.and(UNKNOWN).with(field, 1)));
            }
            Expect.okay(gate.call(sound));
        }
    }

    @Clause(
            id = "ABI3-10",
            promise = "Every reserved byte is zero: one that is not makes the struct invalid, wherever it is.",
            source = "grant-v3.md, ABI-8")
    void reservedBytes(World world) {
        Party granter = world.granter();
        V3Gate gate = granter.gate();
        for (V3Form form : STRUCTS) {
            V3Call sound = sound(world, form);
            for (V3Field field : reserved(form)) {
                for (int n = 0; n < field.bytes(); n++) {
                    gate.write(sound, 0);
                    long at = gate.structs().address() + field.offset() + n;
                    Expect.equal("fault", 0, granter.vcpu().store(at, 1, 0x80));
                    long rc = gate.enter(
                            form.operation(), Page.address(gate.structs().frame()), 1);
                    Expect.status(Status.INVAL, gate.read(form, 0, rc));
                }
            }
            Expect.okay(gate.call(sound));
        }
    }

    @Clause(
            id = "ABI3-11",
            promise = "The status is written whatever it is, out fields when it is okay; all else is as it came.",
            source = "grant-v3.md, ABI-10")
    void writtenBack(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        for (V3Form form : List.of(V3Form.TREE_DESTROY, V3Form.INVALIDATE)) {
            V3Call wrong = tree.naming(form).with(form.field("slot").orElseThrow(), 0x777);
            V3Answer refused = granter.call(wrong);
            V3Field status = form.status().orElseThrow();
            Expect.equal("the struct", wrong.with(status, Status.BAD_TREE), refused.left());
        }
        V3Call done = tree.naming(V3Form.TREE_DESTROY);
        Expect.equal(
                "the struct",
                done.with(V3Form.TREE_DESTROY.status().orElseThrow(), Status.OKAY),
                granter.call(done).left());
        V3Call map = V3Call.of(V3Form.MAP)
                .with(V3Map.FLAGS, V3Map.HOST | (granter.translated() ? 0 : V3Map.DEST_PTE))
                .with(V3Map.COUNT, 1)
                .with(V3Map.PEER, 0x7777)
                .with(V3Map.DONE, 5)
                .with(V3Map.HANDLE, 6)
                .with(V3Map.DEV_ADDR, 7)
                .with(V3Map.ORDER_GOT, 0x5a)
                .with(V3Map.ENTRY_GEN, 0xa5);
        V3Call left = map.with(V3Map.DONE, 0)
                .with(V3Map.HANDLE, 0)
                .with(V3Map.DEV_ADDR, -1)
                .with(V3Map.STATUS, Status.BAD_DOMAIN);
        Expect.equal("the element", left, granter.call(map).left());
    }

    @Clause(
            id = "ABI3-12",
            promise =
                    "Another CPU that scribbles into reserved bytes and the version decides nothing but whether the call"
                            + " is refused.",
            source = "grant-v3.md, ABI-5, ABI-12, SEC-1")
    void scribbling(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, granter);
        V3Call sound = pause(world);
        V3Gate gate = granter.gate();
        long zero = gate.structs().address() + V3TreeUpdate.ZERO_56;
        List<Integer> statuses = new ArrayList<>();
        Race.run(
                () -> {
                    for (int n = 0; n < 500; n++) {
                        V3Answer answer = gate.call(sound);
                        Expect.rc(0, answer.rc());
                        statuses.add(answer.status());
                    }
                },
                () -> {
                    for (int n = 0; n < 2000; n++) {
                        second.store(zero, Long.BYTES, n & 1);
                    }
                });
        Expect.equal(
                "statuses beside okay and inval",
                Set.of(),
                Set.copyOf(statuses.stream()
                        .filter(status -> status != Status.OKAY && status != Status.INVAL)
                        .toList()));
        Expect.okay(gate.call(sound));
    }
}
