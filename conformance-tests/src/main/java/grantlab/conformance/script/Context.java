package grantlab.conformance.script;

import grantlab.api.guest.Vcpu;
import grantlab.hypervisor.guest.Guest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One of the six domains as scripts know it: its names for pages and slots, its handles, whether it runs. It outlives
 * the domain: the names of a destroyed domain keep their meaning for what others still hold.
 */
final class Context {
    /** Pages, and slots, of each domain. */
    static final int PAGES = 64;

    /** What a name of a PV domain means once its frame belongs to somebody else: no frame. */
    private static final long LOST_FRAME = 0xffffffeL;

    /** The machine frame of a page that has become another's; also what a search that found nothing answers. */
    private static final int NOBODYS = -1;

    private static final int PAGE_SHIFT = 12;

    /** Where the first page table of level 1 lies in a translated guest, whose tables nobody can name otherwise. */
    private static final long TRANSLATED_L1 = 0x4000b000L;

    /** Its number: the domid. */
    final int domid;

    /** HVM or PVH: frame numbers are its own. */
    final boolean translated;

    final HandleNumbers handles = new HandleNumbers();

    /** Those that v3_map gave it. */
    final HandleNumbers treeHandles = new HandleNumbers();

    /** What d0 has mapped of its table. */
    final TableWindow window = new TableWindow();

    private final @Nullable Guest guest;
    private final @Nullable ArgumentPages arguments;
    private final long[] guestFrames = new long[PAGES];
    private final long[] machineFrames = new long[PAGES];
    private boolean used;
    private boolean dead;

    private Context(
            int domid,
            boolean translated,
            @Nullable Guest guest,
            @Nullable ArgumentPages arguments,
            boolean used,
            boolean dead) {
        this.domid = domid;
        this.translated = translated;
        this.guest = guest;
        this.arguments = arguments;
        this.used = used;
        this.dead = dead;
    }

    /** A number under which no domain was created. */
    static Context unused(int domid) {
        return new Context(domid, false, null, null, false, true);
    }

    /** A domain that was created and never runs ({@code run=0}): a domid with a table. */
    static Context neverRuns(int domid, boolean translated) {
        return new Context(domid, translated, null, null, true, true);
    }

    /** A domain that runs. Its pages have no names yet. */
    static Context running(Guest guest, ArgumentPages arguments) {
        return new Context(guest.domid(), guest.translated(), guest, arguments, true, false);
    }

    /** Whether a domain was ever created here. */
    boolean used() {
        return used;
    }

    /** Whether it runs no more: crashed, destroyed, or never started. */
    boolean dead() {
        return dead;
    }

    /** It runs no more. */
    void dies() {
        dead = true;
    }

    /** Its vCPU; only domains that were started have one. */
    Vcpu vcpu() {
        return guest().vcpu();
    }

    /** What it was booted as; only domains that were started have this. */
    Guest guest() {
        if (guest == null) {
            throw new IllegalStateException("d" + domid + " was never started");
        }
        return guest;
    }

    boolean wasStarted() {
        return guest != null;
    }

    /** Where its hypercalls have their arguments. */
    ArgumentPages arguments() {
        if (arguments == null) {
            throw new IllegalStateException("d" + domid + " was never started");
        }
        return arguments;
    }

    /**
     * A hypercall of its vCPU.
     *
     * @return the result, or {@link Vcpu#CRASHED} when it does not run or crashed in the call
     */
    long hypercall(int number, long a, long b, long c) {
        return vcpu().running() ? vcpu().hypercall(number, a, b, c) : Vcpu.CRASHED;
    }

    long pageAddress(int n) {
        return guest == null ? (long) n << PAGE_SHIFT : guest.page(n);
    }

    long slotAddress(int n) {
        return guest == null ? (long) n << PAGE_SHIFT : guest.slot(n);
    }

    /** The frame of pN as the domain numbers it. */
    long guestFrame(int n) {
        return guestFrames[n];
    }

    /** The machine frame of pN: for printing, and for devices. */
    long machineFrame(int n) {
        return machineFrames[n];
    }

    /** The frame number of a slot: a translated domain has one even for nothing. */
    long slotFrame(int n) {
        return translated ? slotAddress(n) >>> PAGE_SHIFT : -1;
    }

    /** The machine address of the page-table entry of a slot. */
    long slotEntry(int n) {
        if (translated) {
            return TRANSLATED_L1 + (slotAddress(n) >>> PAGE_SHIFT & 511) * 8;
        }
        return guest == null ? 0 : guest.addressSpace().entryAddress(slotAddress(n));
    }

    /** Names a frame. */
    void name(int n, long guestFrame, long machineFrame) {
        guestFrames[n] = guestFrame;
        machineFrames[n] = machineFrame;
    }

    /** A machine frame got a new owner: a name that still meant it means nothing now. */
    void forget(long machineFrame) {
        for (int n = 0; n < PAGES; n++) {
            if (machineFrames[n] == machineFrame) {
                machineFrames[n] = NOBODYS;
                if (!translated) {
                    guestFrames[n] = LOST_FRAME;
                }
            }
        }
    }

    /** The page that a machine frame is the frame of, or -1. */
    int pageOfMachineFrame(long mfn) {
        return mfn == NOBODYS ? NOBODYS : indexOf(machineFrames, mfn);
    }

    /** The page that the domain knows by a frame number, or -1. */
    int pageOfGuestFrame(long frame) {
        return indexOf(guestFrames, frame);
    }

    private static int indexOf(long[] frames, long frame) {
        for (int n = 0; n < PAGES; n++) {
            if (frames[n] == frame) {
                return n;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return "d" + domid + (dead ? " dead" : "") + " " + Arrays.toString(machineFrames);
    }
}
