package grantlab.conformance.script;

import grantlab.api.Status;
import grantlab.api.abi.Hypercall;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.MachineMemory;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Boot;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The world of one script: a machine, its six domains, and what lines leave for later lines. */
final class ScriptWorld implements AutoCloseable {
    /** d0..d5. */
    static final int DOMAINS = 6;

    /** The paging mode of {@code type=pv}. */
    static final String PV_PAGING = "pv";

    /** The paging mode of {@code type=pvh}. */
    static final String TRANSLATED_PAGING = "hvm";

    /** UVMF_INVLPG: update_va_mapping flushes the one entry on this vCPU. */
    static final int FLUSH_ONE = 2;

    private static final int VARIABLES = 256;
    private static final int CONTROL_DOMAIN = 0;
    private static final int MACHINE_DEFAULT = -1;

    /** Where d0 maps the status frame that it holds: a page of its low 4 MiB that no symbol names. */
    private static final long STATUS_WINDOW = 0x3ff000;

    private final Machine machine;
    private final Codecs codecs;
    private final List<Context> contexts = new ArrayList<>();
    private final FrameNames frameNames = new FrameNames(contexts);
    private final long[] variables = new long[VARIABLES];
    private final TableView tables;
    private final Consumer<String> remarks;

    /** All that were started, those that are gone too. */
    private final List<Guest> guests = new ArrayList<>();

    private long entriesWritten;
    private boolean rawHandles;
    private boolean flushesTlb = true;
    private boolean holdsStatusFrame;

    /**
     * Creates d0.
     *
     * @param machine without domains; it ends with this world
     * @param remarks is told what happens beside the results
     */
    ScriptWorld(Machine machine, Consumer<String> remarks) {
        this.machine = machine;
        this.remarks = remarks;
        Arrays.fill(variables, -1);
        for (int domid = 0; domid < DOMAINS; domid++) {
            contexts.add(Context.unused(domid));
        }
        codecs = new Codecs(machine.installed().formats().stream()
                .map(provider -> machine.format(provider.name()))
                .toList());
        createControlDomain(machine.settings());
        tables = new TableView(machine, contexts.get(CONTROL_DOMAIN));
    }

    private void createControlDomain(Settings settings) {
        int rc = machine.createDomain(DomainConfig.control()
                .withGrantLimits(
                        MACHINE_DEFAULT, MACHINE_DEFAULT, settings.limits().maxGrantVersion()));
        if (rc != 0) {
            throw new IllegalStateException("d0 cannot be created: " + rc);
        }
        name(machine.boot(CONTROL_DOMAIN, GuestLayout.CONTROL_DOMAIN));
    }

    Machine machine() {
        return machine;
    }

    MachineMemory memory() {
        return machine.memory();
    }

    Codecs codecs() {
        return codecs;
    }

    FrameNames frameNames() {
        return frameNames;
    }

    TableView tables() {
        return tables;
    }

    /**
     * A domain of the script.
     *
     * @param domid 0..5
     */
    Context context(int domid) {
        return contexts.get(domid);
    }

    /**
     * A domain that was created.
     *
     * @param domid any number
     * @return null when none was created under it
     */
    @Nullable
    Context created(long domid) {
        Context context = Long.compareUnsigned(domid, DOMAINS) < 0 ? contexts.get((int) domid) : null;
        return context != null && context.used() ? context : null;
    }

    /** Another domain has this number from now on. */
    void replace(Context context) {
        closeWindow(contexts.get(context.domid));
        contexts.set(context.domid, context);
    }

    /**
     * Starts a domain that was just created, and names its pages.
     *
     * @param domid its number
     * @param blocks of 2 MiB that it has besides
     */
    void start(int domid, int blocks) {
        name(machine.boot(domid, GuestLayout.LABORATORY.withLargePages(blocks)));
    }

    /** The builder has no more memory for a domain than this, and gives up. */
    void populate(int domid, int pages) {
        Boot.populate(machine, Objects.requireNonNull(machine.domain(domid)), GuestLayout.LABORATORY, pages);
    }

    private void name(Guest guest) {
        guests.add(guest);
        Context context = Context.running(guest, new ArgumentPages(guest, machine.memory()));
        for (int page = 0; page < Context.PAGES; page++) {
            long frame = guest.pageFrame(page);
            long mfn = context.translated ? machineFrame(context, frame, frame) : frame;
            forget(mfn);
            context.name(page, frame, mfn);
        }
        replace(context);
    }

    /** All guests that were started so far, those that are gone too. */
    List<Guest> guests() {
        return guests;
    }

    /** A line wrote an entry of a table or of a node. */
    void wroteEntry() {
        entriesWritten++;
    }

    /** Entries that lines wrote. */
    long entriesWritten() {
        return entriesWritten;
    }

    /** A machine frame got a new owner: names which still mean it mean nothing any more. */
    void forget(long mfn) {
        contexts.forEach(context -> context.forget(mfn));
    }

    /**
     * The machine frame behind a frame number of a domain.
     *
     * @param absent the answer when there is none
     */
    long machineFrame(Context context, long frame, long absent) {
        Domain domain = machine.domain(context.domid);
        long mfn = domain == null ? -1 : domain.physicalMap().machineFrame(frame);
        return mfn == -1 ? absent : mfn;
    }

    /** d0 looks at the table of a domain no more. */
    void closeWindow(Context context) {
        context.window.close(machine.frames());
    }

    /** d0 looks at no table any more. */
    void closeWindows() {
        contexts.forEach(this::closeWindow);
    }

    /** References on a frame that d0 took to look at tables. */
    long referencesHeld(long mfn) {
        int held = 0;
        for (Context context : contexts) {
            held += context.window.holds(mfn) ? 1 : 0;
        }
        return held;
    }

    /** Whether a machine frame has a name. */
    boolean names(long mfn) {
        return contexts.stream().anyMatch(context -> context.used() && context.pageOfMachineFrame(mfn) >= 0);
    }

    /** Shows the machine frames that have names. */
    void namedFrames(LongConsumer visitor) {
        for (Context context : contexts) {
            for (int page = 0; page < Context.PAGES; page++) {
                if (context.used() && context.machineFrame(page) >= 0) {
                    visitor.accept(context.machineFrame(page));
                }
            }
        }
    }

    /** Whether a domain has page tables that d0 can look at. */
    boolean hasPageTables(Context context) {
        Domain domain = context.wasStarted() ? machine.domain(context.domid) : null;
        return domain != null && !domain.dying() && !context.translated;
    }

    /**
     * Lets a domain run: a PV guest's TLB is flushed on the way, d0's by d0 itself unless a script forbids it.
     *
     * @return false when it does not run any more
     */
    boolean schedule(Context context) {
        Vcpu vcpu = context.vcpu();
        if (!vcpu.running()) {
            stopped(context);
            return false;
        }
        if (context.domid == CONTROL_DOMAIN ? flushesTlb : !context.translated) {
            vcpu.flushTlb();
        }
        return true;
    }

    /**
     * A hypercall, which may be the domain's last.
     *
     * @return the result register, or {@link Vcpu#CRASHED}
     */
    long hypercall(Context context, int number, long a, long b, long c) {
        long rc = context.hypercall(number, a, b, c);
        if (rc == Vcpu.CRASHED) {
            stopped(context);
        }
        return rc;
    }

    private void stopped(Context context) {
        context.dies();
        remarks.accept("# domain " + context.domid + " stopped");
    }

    long variable(long number) {
        return variables[(int) number & VARIABLES - 1];
    }

    void setVariable(long number, long value) {
        variables[(int) number & VARIABLES - 1] = value;
    }

    boolean printsRawHandles() {
        return rawHandles;
    }

    void printRawHandles(boolean on) {
        rawHandles = on;
    }

    void flushTlb(boolean on) {
        flushesTlb = on;
    }

    /**
     * Has d0 keep its first status frame mapped, or not.
     *
     * @return zero, or why it could not be mapped
     */
    long holdStatusFrame(boolean hold) {
        if (holdsStatusFrame) {
            mapWindow(0);
        }
        holdsStatusFrame = hold;
        if (!hold) {
            return Status.OKAY;
        }
        long frame = tables.statusFrame(contexts.get(CONTROL_DOMAIN), 0);
        return frame < 0 ? frame : mapWindow(SetPteVerb.entry(frame, false));
    }

    private long mapWindow(long entry) {
        return hypercall(contexts.get(CONTROL_DOMAIN), Hypercall.UPDATE_VA_MAPPING, STATUS_WINDOW, entry, FLUSH_ONE);
    }

    @Override
    public void close() {
        machine.close();
    }
}
