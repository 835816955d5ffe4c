package grantlab.conformance.clause;

import static grantlab.conformance.clause.Abi3Forms.reserved;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Batched;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;
import java.util.Collections;
import java.util.List;

/** Operations that bring an array of elements, each of which succeeds or fails by itself. */
@Needs(format = "layout-tree")
final class Abi3Batches {
    private static final int INDEX = 5;
    private static final List<V3Form> ELEMENTS = List.of(V3Form.MAP, V3Form.UNMAP, V3Form.COPY);

    private static long enterBatch(V3Gate gate, V3Form element, V3Call batch) {
        gate.write(batch, 0);
        return gate.enter(element.operation(), Page.address(gate.structs().frame()), 1);
    }

    /** A batch that is refused as a whole: neither it nor the element is written. */
    private static void expectRefused(long errno, V3Gate gate, V3Call element, V3Call batch) {
        gate.writeElement(element, 0);
        Expect.rc(-errno, enterBatch(gate, element.form(), batch));
        Expect.equal("the batch", batch, gate.read(V3Form.BATCH, 0, 0).left());
        Expect.equal(
                "the element", element, gate.readElement(element.form(), 0, 0).left());
    }

    @Clause(
            id = "ABI3-13",
            promise = "The struct of an array has no flags and no unknown tail: the whole call is refused.",
            source = "grant-v3.md, ABI-13")
    void batchForm(World world) {
        Party grantee = world.grantee();
        V3Gate gate = grantee.gate();
        for (V3Form form : ELEMENTS) {
            V3Call element = V3Call.of(form);
            V3Call sound = V3Call.batch(form, gate.arrays().frame(), 0, 1);
            for (int bit = 0; bit < 32; bit++) {
                expectRefused(Errno.EINVAL, gate, element, sound.and(1L << bit));
            }
            expectRefused(Errno.EINVAL, gate, element, sound.with(V3Head.VERSION, 2));
            long behind = gate.structs().address() + V3Batch.SIZE;
            Expect.equal("fault", 0, grantee.vcpu().store(behind, 1, 1));
            expectRefused(Errno.EINVAL, gate, element, sound.with(V3Head.STRUCT_SIZE, V3Batch.SIZE + 8));
            Expect.equal("fault", 0, grantee.vcpu().store(behind, 1, 0));
            Expect.rc(0, enterBatch(gate, form, sound.with(V3Head.STRUCT_SIZE, V3Batch.SIZE + 8)));
        }
    }

    @Clause(
            id = "ABI3-14",
            promise =
                    "An array has elements of the operation's size, begins at a multiple of 8 and ends in its page; it may"
                            + " be empty and may be full.",
            source = "grant-v3.md, ABI-14")
    void arrays(World world) {
        V3Gate gate = world.grantee().gate();
        for (V3Form form : ELEMENTS) {
            int most = Page.SIZE / form.size();
            V3Call element = V3Call.of(form);
            V3Call sound = V3Call.batch(form, gate.arrays().frame(), 0, 1);
            for (V3Call wrong : List.of(
                    sound.with(V3Batch.ELEMENT_SIZE, 0),
                    sound.with(V3Batch.ELEMENT_SIZE, form.size() - 8),
                    sound.with(V3Batch.ELEMENT_SIZE, form.size() + 8),
                    sound.with(V3Batch.OFFSET, 4),
                    sound.with(V3Batch.OFFSET, Page.SIZE),
                    sound.with(V3Batch.OFFSET, Page.SIZE - form.size() + 8),
                    sound.with(V3Batch.OFFSET, 0xffff_fff8L),
                    sound.with(V3Batch.COUNT, most + 1),
                    sound.with(V3Batch.COUNT, most).with(V3Batch.OFFSET, Page.SIZE - most * form.size() + 8),
                    sound.with(V3Batch.COUNT, 0xffff_ffffL),
                    sound.with(V3Batch.COUNT, 0x1000_0001L))) {
                expectRefused(Errno.EINVAL, gate, element, wrong);
            }
            V3Call none = sound.with(V3Batch.COUNT, 0).with(V3Batch.DONE, 9);
            Expect.rc(0, enterBatch(gate, form, none));
            Expect.equal("elements done", 0, gate.read(V3Form.BATCH, 0, 0).get(V3Batch.DONE));
            int end = Page.SIZE - form.size();
            gate.writeElement(element, end);
            Expect.rc(0, enterBatch(gate, form, sound.with(V3Batch.OFFSET, end)));
            Expect.different(
                    "status of an element at the end of the page",
                    Call.UNWRITTEN,
                    gate.readElement(form, end, 0).status());
            V3Batched full = gate.batch(Collections.nCopies(most, element));
            Expect.rc(0, full.rc());
            Expect.equal("elements done", most, full.done());
        }
    }

    @Clause(
            id = "ABI3-15",
            promise = "An array lies in plain memory of the caller.",
            source = "grant-v3.md, ABI-15, SEC-15")
    void arrayMemory(World world) {
        Party grantee = world.grantee();
        V3Gate gate = grantee.gate();
        V3Call element = V3Call.of(V3Form.UNMAP);
        for (long frame : new long[] {
            Page.frame(grantee.slot(3)), world.granter().machineFrame(0) | 1L << 40, Page.FRAME_LIMIT, -1
        }) {
            expectRefused(Errno.EFAULT, gate, element, V3Call.batch(V3Form.UNMAP, frame, 0, 1));
        }
        if (!grantee.translated()) {
            long table = Page.frame(grantee.domain().addressSpace().entryAddress(grantee.page(0)));
            expectRefused(Errno.EFAULT, gate, element, V3Call.batch(V3Form.UNMAP, table, 0, 1));
            long foreign = world.granter().machineFrame(0);
            expectRefused(Errno.EFAULT, gate, element, V3Call.batch(V3Form.UNMAP, foreign, 0, 1));
        }
        Expect.rc(
                0,
                enterBatch(
                        gate,
                        V3Form.UNMAP,
                        V3Call.batch(V3Form.UNMAP, gate.arrays().frame(), 0, 1)));
    }

    @Clause(
            id = "ABI3-16",
            promise =
                    "Elements are done in their order, each judged by itself: one that fails keeps no other from being"
                            + " done, and all are counted.",
            source = "grant-v3.md, ABI-16, ABI-17")
    void eachByItself(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long first = tree.grant(INDEX, 0, V3Entry.W);
        long second = tree.grant(INDEX + 1, 1, 0);
        V3Batched answers = grantee.elements(List.of(
                driver.mapping(first, 0).and(V3Map.WRITE),
                driver.mapping(second, 1).and(V3Map.WRITE),
                driver.mapping(tree.ref(INDEX + 2), 1),
                driver.mapping(second, 1),
                driver.mapping(second, 2).with(V3Map.ZERO_60, 1),
                driver.mapping(first, 2)));
        Expect.rc(0, answers.rc());
        Expect.equal("elements done", 6, answers.done());
        Expect.equal(
                "statuses",
                List.of(
                        Status.OKAY,
                        Status.PERMISSION_DENIED,
                        Status.BAD_GNTREF,
                        Status.OKAY,
                        Status.INVAL,
                        Status.OKAY),
                answers.elements().stream().map(V3Answer::status).toList());

        world.step("an unmap in the same array as another of the same handle: the second finds it gone");
        V3Call unmap = TreeDriver.unmapping(answers.elements().getFirst());
        V3Batched unmapped = grantee.elements(List.of(
                unmap,
                unmap,
                TreeDriver.unmapping(answers.elements().get(3)),
                TreeDriver.unmapping(answers.elements().get(5))));
        Expect.equal(
                "statuses",
                List.of(Status.OKAY, Status.STALE, Status.OKAY, Status.OKAY),
                unmapped.elements().stream().map(V3Answer::status).toList());
        Expect.equal(
                "pages done of the refused one", 0, unmapped.elements().get(1).get(V3Unmap.DONE));
        Expect.bits("the leaf", V3Entry.MAPPED_R | V3Entry.MAPPED_W, 0, tree.get(INDEX));
    }

    @Clause(
            id = "ABI3-17",
            promise =
                    "Unknown flags of an element are unsupported, reserved bytes of it invalid, and the flags come first.",
            source = "grant-v3.md, ABI-16, MAP-1, MAP-2, UNMAP-1, UNMAP-2, COPY-1, COPY-2")
    void elementForm(World world) {
        Party grantee = world.grantee();
        for (V3Form form : ELEMENTS) {
            V3Call element = V3Call.of(form);
            int bits = form.field("flags").orElseThrow().bytes() * Byte.SIZE;
            for (int bit = 10; bit < bits; bit++) {
                Expect.status(Status.UNSUPPORTED, grantee.call(element.and(1L << bit)));
            }
            for (V3Field field : reserved(form)) {
                Expect.status(
                        Status.UNSUPPORTED, grantee.call(element.and(1L << 15).with(field, 1)));
                for (int n = 0; n < Math.min(field.bytes(), Long.BYTES); n++) {
                    Expect.status(Status.INVAL, grantee.call(element.with(field, 1L << (n * Byte.SIZE))));
                }
            }
        }
    }

    @Clause(
            id = "ABI3-18",
            promise = "An array that lies over the struct of its own call harms its caller alone.",
            source = "grant-v3.md, ABI-5, ABI-14, SEC-1")
    void overlap(World world) {
        Party grantee = world.grantee();
        V3Gate gate = grantee.gate();
        for (V3Form form : ELEMENTS) {
            V3Call batch = V3Call.batch(form, gate.structs().frame(), 0, Page.SIZE / form.size());
            Expect.rc(0, enterBatch(gate, form, batch));
        }
        RawTree tree = RawTree.of(world);
        new TreeDriver(grantee).expectMaps(tree.grant(INDEX, 0, 0));
    }
}
