package grantlab.conformance;

import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.TableFrames;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.Struct;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Batched;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Gate;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.passthrough.Passthrough;
import java.util.ArrayList;
import java.util.List;

/**
 * One guest of a world, as a clause makes it act: its pages {@code p0..p63}, its slots {@code m0..m63}, its loads,
 * stores and hypercalls. Every hypercall goes into the diary of the run. One thread at a time.
 */
public final class Party {
    /** Pages and slots of the laboratory's layout. */
    public static final int PAGES = 64;

    private final Machine machine;
    private final Guest guest;
    private final CountingVcpu vcpu;
    private final GuestKernel kernel;
    private final Steps steps;
    private long leafBits;

    Party(Machine machine, Guest guest, GrantFormat format, CountingVcpu.Counts counts, Steps steps) {
        this.machine = machine;
        this.guest = guest;
        this.vcpu = new CountingVcpu(guest.vcpu(), counts);
        this.kernel = new CountingKernel(guest.kernel(), vcpu, format);
        this.steps = steps;
    }

    /**
     * Its number.
     *
     * @return 1 for the granter, 2 for the grantee, 3 for the third, 0 for the control domain
     */
    public int domid() {
        return guest.domid();
    }

    /** What it grants by leaves of its own devices may use too: they reach what the grantee maps. */
    void leavesAreForDevicesToo() {
        leafBits = V3Entry.DEV;
    }

    /**
     * A word of a tree as this guest writes it.
     *
     * @param word an entry of grants v3, as a clause means it
     * @return the same, which grants to devices too if it is a leaf and they are there
     */
    public long treeWord(long word) {
        return (word & V3Entry.TYPE_MASK) == V3Entry.LEAF ? word | leafBits : word;
    }

    /**
     * Its CPU.
     *
     * @return always the same
     */
    public Vcpu vcpu() {
        return vcpu;
    }

    /**
     * Its kernel: for clauses that hold on every format.
     *
     * @return always the same
     */
    public GuestKernel kernel() {
        return kernel;
    }

    /**
     * Whether its frame numbers are its own (HVM, PVH).
     *
     * @return false for PV
     */
    public boolean translated() {
        return guest.translated();
    }

    /**
     * The hypervisor's view of it, for looking only.
     *
     * @return the domain
     */
    public Domain domain() {
        Domain domain = machine.domain(domid());
        if (domain == null) {
            throw new IllegalStateException("d" + domid() + " is gone");
        }
        return domain;
    }

    /**
     * Where a page is.
     *
     * @param n 0..63
     * @return guest address
     */
    public long page(int n) {
        return guest.page(n);
    }

    /**
     * The frame of a page, as this guest grants it.
     *
     * @param n 0..63
     * @return mfn (PV) or gfn, as at boot
     */
    public long pageFrame(int n) {
        return guest.pageFrame(n);
    }

    /**
     * The machine frame behind a page now.
     *
     * @param n 0..63
     * @return an mfn, or -1
     */
    public long machineFrame(int n) {
        return domain().physicalMap().machineFrame(pageFrame(n));
    }

    /**
     * Where a slot is: an address for a mapping.
     *
     * @param n 0..63
     * @return guest address
     */
    public long slot(int n) {
        return guest.slot(n);
    }

    // ---- hypercalls

    /**
     * Makes a call of one element.
     *
     * @param call what
     * @param <A> its answer
     * @return what the guest reads back
     */
    public <A> A call(Call<A> call) {
        return batch(List.of(call)).getFirst();
    }

    /**
     * Makes one hypercall of several elements.
     *
     * @param calls of one operation; they fit two pages
     * @param <A> their answer
     * @return what the guest reads back, element by element; {@code rc} is the same in all
     */
    public <A> List<A> batch(List<? extends Call<A>> calls) {
        Call<A> first = calls.getFirst();
        long rc = enter(calls, first);
        // A crashed domain runs no more: what was written before is read behind its back.
        Struct.Bytes reader = rc == Vcpu.CRASHED ? new BehindItsBack() : new OwnBytes();
        List<A> answers = new ArrayList<>();
        for (int n = 0; n < calls.size(); n++) {
            A answer = calls.get(n).read(struct(reader, n, first.size()), rc);
            answers.add(answer);
            String text = answer instanceof Long ? "rc=" + answer : String.valueOf(answer);
            steps.call("@d" + domid() + " " + calls.get(n).text(new OwnNames()) + "  # " + text);
        }
        return answers;
    }

    private <A> long enter(List<? extends Call<A>> calls, Call<A> first) {
        if (calls.size() * first.size() > 2 * Page.SIZE) {
            throw new IllegalArgumentException(calls.size() + " elements do not fit two pages");
        }
        for (int n = 0; n < calls.size(); n++) {
            Struct struct = struct(new OwnBytes(), n, first.size());
            struct.clear(first.size());
            calls.get(n).write(struct);
        }
        return vcpu.hypercall(first.hypercall(), first.operation(), arguments(), calls.size());
    }

    private Struct struct(Struct.Bytes bytes, int n, int size) {
        return new Struct(bytes, arguments() + (long) n * size, arguments() + 2L * Page.SIZE);
    }

    /**
     * Makes a call of grants v3; an element is alone in its array.
     *
     * @param call what
     * @return what the guest reads back
     */
    public V3Answer call(V3Call call) {
        V3Answer answer = gate().call(call);
        steps.call("@d" + domid() + " " + call.text() + "  # " + answer);
        return answer;
    }

    /**
     * Makes one call of grants v3 with several elements.
     *
     * @param elements of one form; they fit a page
     * @return what the guest reads back
     */
    public V3Batched elements(List<V3Call> elements) {
        V3Batched answers = gate().batch(elements);
        for (int n = 0; n < elements.size(); n++) {
            steps.call("@d" + domid() + " " + elements.get(n).text() + "  # "
                    + answers.elements().get(n));
        }
        return answers;
    }

    /**
     * Its calls of grants v3 step by step, from the pages of {@link #arguments}: for what nobody should call. What goes
     * through it is not in the diary.
     *
     * @return on this guest's first CPU
     */
    public V3Gate gate() {
        return new V3Gate(vcpu, area(arguments()), area(arguments() + Page.SIZE));
    }

    /**
     * A page by both of its names.
     *
     * @param address of a page that this guest has
     * @return address and frame number
     */
    public V3Gate.Area area(long address) {
        return new V3Gate.Area(address, kernel.frameOf(address));
    }

    /**
     * Two pages for arguments that a clause writes itself.
     *
     * @return guest address; one page for lists follows
     */
    public long arguments() {
        return guest.argumentPages();
    }

    /**
     * Makes a hypercall as it stands: for wrong counts, wrong commands, wrong addresses.
     *
     * @param number one of {@link Hypercall}
     * @param a first argument register
     * @param b second
     * @param c third
     * @return zero, a count or a negated errno; or {@link Vcpu#CRASHED}
     */
    public long hypercall(int number, long a, long b, long c) {
        long rc = vcpu.hypercall(number, a, b, c);
        steps.call("@d" + domid() + " hypercall " + number + " 0x" + Long.toHexString(a) + " 0x" + Long.toHexString(b)
                + " 0x" + Long.toHexString(c) + "  # " + StatusText.rc(rc));
        return rc;
    }

    /**
     * A call of grant_table_op as it stands.
     *
     * @param command with cookie
     * @param address of the array
     * @param count of it
     * @return rc
     */
    public long grantTableOp(long command, long address, long count) {
        return hypercall(Hypercall.GRANT_TABLE_OP, command, address, count);
    }

    /**
     * Changes a page-table entry (PV).
     *
     * @param address linear
     * @param entry the new L1 entry
     * @return rc
     */
    public long updateEntry(long address, long entry) {
        return hypercall(Hypercall.UPDATE_VA_MAPPING, address, entry, 0);
    }

    // ---- memory

    /**
     * Loads 8 bytes that must be there.
     *
     * @param address guest address
     * @return the value
     */
    public long load(long address) {
        int vector = tryLoad(address);
        if (vector != 0) {
            throw faulted("load", address, vector);
        }
        return vcpu.value();
    }

    /**
     * Stores 8 bytes where that must be possible.
     *
     * @param address guest address
     * @param value what
     */
    public void store(long address, long value) {
        int vector = tryStore(address, value);
        if (vector != 0) {
            throw faulted("store", address, vector);
        }
    }

    /**
     * Loads 8 bytes.
     *
     * @param address guest address
     * @return zero, or the fault's vector
     */
    public int tryLoad(long address) {
        return vcpu.load(address, Long.BYTES);
    }

    /**
     * Stores 8 bytes.
     *
     * @param address guest address
     * @param value what
     * @return zero, or the fault's vector
     */
    public int tryStore(long address, long value) {
        return vcpu.store(address, Long.BYTES, value);
    }

    private ClauseFailure faulted(String access, long address, int vector) {
        return new ClauseFailure(
                "d" + domid() + ": " + access + " at " + new OwnNames().address(address),
                "no fault",
                "fault " + vector + ", error code " + vcpu.faultErrorCode());
    }

    // ---- its devices

    /**
     * Whether it owns devices.
     *
     * @return true of grantee and third where the combination has an IOMMU
     */
    public boolean ownsDevices() {
        return domain().passthrough() != null;
    }

    /**
     * One of its devices.
     *
     * @param number from 0
     * @return the device, also when its domain is gone by now
     */
    public PartyDevice device(int number) {
        return new PartyDevice("@d" + domid(), devices().devices().get(number), steps);
    }

    /**
     * What its devices reach, for looking only.
     *
     * @return the context of its domain
     */
    public DeviceSpace deviceSpace() {
        return devices().space();
    }

    private Passthrough devices() {
        Passthrough passthrough = domain().passthrough();
        if (passthrough == null) {
            throw new IllegalStateException(this + " owns no devices");
        }
        return passthrough;
    }

    // ---- its table

    /**
     * An entry of its flat table, through the format in force.
     *
     * @param ref within the table
     * @return the entry
     */
    public TableEntry entry(long ref) {
        return entry(ref, domain().tableFormat().codecs().getFirst());
    }

    /**
     * An entry read as a certain kind.
     *
     * @param ref within the table
     * @param verb of the codec
     * @return the entry
     */
    public TableEntry entry(long ref, String verb) {
        return domain().tableFormat().codecs().stream()
                .filter(codec -> codec.verb().equals(verb))
                .findFirst()
                .map(codec -> entry(ref, codec))
                .orElseThrow(() -> new IllegalArgumentException("the format in force has no entries called " + verb));
    }

    private TableEntry entry(long ref, EntryCodec codec) {
        TableFrames frames = domain().tableFrames();
        long address = codec.address(frames, ref);
        if (address < 0) {
            throw new IllegalArgumentException(
                    "d" + domid() + " has no reference " + ref + ": its table has " + frames.sharedCount() + " frames");
        }
        return new TableEntry(machine.memory(), codec, address, codec.marksAddress(frames, ref));
    }

    /**
     * How many references its flat table has: the first that is beyond it.
     *
     * @return of all frames, in the format in force
     */
    public long references() {
        return (long) domain().tableFrames().sharedCount()
                * domain().tableFormat().entriesPerFrame();
    }

    @Override
    public String toString() {
        return "d" + domid();
    }

    private final class OwnBytes implements Struct.Bytes {
        @Override
        public long load(long address, int width) {
            own(vcpu.load(address, width), address);
            return vcpu.value();
        }

        @Override
        public void store(long address, int width, long value) {
            own(vcpu.store(address, width, value), address);
        }

        private void own(int vector, long address) {
            if (vector != 0) {
                throw faulted("argument", address, vector);
            }
        }
    }

    private final class BehindItsBack implements Struct.Bytes {
        @Override
        public long load(long address, int width) {
            long machineAddress = domain().addressSpace().argument(address, false);
            if (machineAddress < 0) {
                throw faulted("argument", address, 0);
            }
            return switch (width) {
                case Short.BYTES -> machine.memory().load16(machineAddress) & 0xffffL;
                case Integer.BYTES -> machine.memory().load32(machineAddress) & 0xffff_ffffL;
                default -> machine.memory().load64(machineAddress);
            };
        }

        @Override
        public void store(long address, int width, long value) {
            throw new IllegalStateException("a crashed domain stores nothing");
        }
    }

    private final class OwnNames implements Call.Names {
        @Override
        public String address(long address) {
            for (int n = 0; n < PAGES; n++) {
                if (Page.frame(address) == Page.frame(page(n))) {
                    return place("p", n, address);
                }
                if (Page.frame(address) == Page.frame(slot(n))) {
                    return place("m", n, address);
                }
            }
            return "0x" + Long.toHexString(address);
        }

        private static String place(String kind, int n, long address) {
            int offset = Page.offset(address);
            return kind + n + (offset == 0 ? "" : "+0x" + Integer.toHexString(offset));
        }

        @Override
        public String frame(long frame) {
            if (frame == PhysicalMap.INVALID) {
                return "none";
            }
            for (int n = 0; n < PAGES; n++) {
                if (frame == pageFrame(n)) {
                    return "p" + n;
                }
            }
            return "0x" + Long.toHexString(frame);
        }

        @Override
        public String domain(int domid) {
            return switch (domid) {
                case Domid.SELF -> "self";
                default -> domid < Domid.FIRST_RESERVED ? "d" + domid : "0x" + Integer.toHexString(domid);
            };
        }
    }
}
