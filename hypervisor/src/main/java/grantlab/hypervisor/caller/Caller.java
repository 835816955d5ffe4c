package grantlab.hypervisor.caller;

import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.Advance;
import grantlab.hypervisor.tree.AtHand;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Mapsets;
import grantlab.hypervisor.tree.Records;
import java.util.function.Supplier;

/** The vCPU that is in a hypercall, with all the scratch space that operations need. Used by its own thread alone. */
public final class Caller {
    private final Domain domain;
    private final int vcpu;
    private final Section section;
    private final GuestArguments arguments;
    private final FrameArguments frameArguments;

    /** What a table says of a reference. */
    public final Leaf leaf = new Leaf();

    /** What a table says of the reference that a grant of a grant leads to. */
    public final Leaf leafBehind = new Leaf();

    /** What pinning found, for map. */
    public final Pin pin = new Pin();

    /** What pinning found behind a grant of a grant. */
    public final Pin pinBehind = new Pin();

    /** Where a mapping went. */
    public final AddressSpace.Mapped mapped = new AddressSpace.Mapped();

    /** What waits for the flush of unmap. */
    public final Unmapped unmapped = new Unmapped();

    /** The source of a copy. */
    public final CopyEnd source = new CopyEnd();

    /** The destination of a copy. */
    public final CopyEnd destination = new CopyEnd();

    /** The elements of a v3 call. */
    public final ElementArray elements = new ElementArray();

    /** What an element of v3_map asks for. */
    public final Run run = new Run();

    /** Those of its pages that are mapped in one step. */
    public final Neighbours neighbours = new Neighbours();

    /** What it is charged for ahead. */
    public final Advance advance;

    /** What pinning a leaf of a tree found. */
    public final LeafPin leafPin = new LeafPin();

    /** The leaves that its domain uses. */
    public final LeafActs acts;

    /** Where these are found. */
    public final Buckets buckets;

    /** Its domain's mappings by grants v3. */
    public final Records records;

    /** Its domain's handles of grants v3. */
    public final Mapsets mapsets;

    /** What it needs for these. */
    public final AtHand atHand;

    /** What waits for the flush of v3_unmap. */
    public final UnmappedLeaves unmappedLeaves = new UnmappedLeaves();

    /** The vCPU as one of those who begin and end uses of leaves. */
    public final Worker worker;

    /** What the call has to tell to owners of rings. */
    public final Outbox outbox = new Outbox();

    /** A frame taken out of the physical map. */
    public final PhysicalMap.Removed removed = new PhysicalMap.Removed();

    /**
     * A vCPU.
     *
     * @param domain whose it is
     * @param vcpu its number
     * @param section its own
     * @param memory the machine's
     * @param frames the machine's
     */
    public Caller(Domain domain, int vcpu, Section section, MachineMemory memory, FrameTable frames) {
        this.domain = domain;
        this.vcpu = vcpu;
        this.section = section;
        this.arguments = new GuestArguments(domain.addressSpace(), memory, frames);
        this.frameArguments = new FrameArguments(domain.domid(), domain.physicalMap(), memory, frames);
        Books books = domain.books();
        this.acts = books.acts();
        this.buckets = books.buckets();
        this.records = books.records();
        this.mapsets = books.mapsets();
        this.atHand = books.atHand(vcpu);
        this.advance = books.advance(vcpu);
        this.worker = new Worker(section, outbox, atHand, buckets, leaf);
        section.keeps(domain, this::giveBack);
    }

    /**
     * Whose it is.
     *
     * @return the calling domain
     */
    public Domain domain() {
        return domain;
    }

    /**
     * Its domain's number.
     *
     * @return the caller's domid
     */
    public int domid() {
        return domain.domid();
    }

    /**
     * Its number within the domain.
     *
     * @return 0, 1, ...
     */
    public int vcpu() {
        return vcpu;
    }

    /**
     * Its own.
     *
     * @return inside during a hypercall
     */
    public Section section() {
        return section;
    }

    /**
     * Its guest memory.
     *
     * @return the way to arguments
     */
    public GuestArguments arguments() {
        return arguments;
    }

    /**
     * Its memory by frame number.
     *
     * @return the way to arguments of grants v3
     */
    public FrameArguments frameArguments() {
        return frameArguments;
    }

    /** The call ends: nothing of guests' is held any more, but for what the next call need not find again. */
    public void release() {
        arguments.release();
        frameArguments.release();
        leaf.leave();
    }

    /** Whether it may look at a domain's table, change its map, and the like: itself, or as the control domain. */
    public boolean mayAdminister(Domain target) {
        return target == domain || domain.config().privileged();
    }

    private void giveBack() {
        leaf.letGo();
        advance.settle();
    }

    /** Lets others have the CPU. What was read from tables before must be read again afterwards. */
    public void pause() {
        leaf.leave();
        section.leave();
        section.enter();
    }

    /**
     * Between two slices of a long call: others may change what is only changed while nobody looks at it. What was read from tables
     * before must be read again afterwards, and what was looked up must be looked up again.
     *
     * @return false: its domain died meanwhile, and nothing more is to be done for it
     */
    public boolean breathe() {
        pause();
        return domain.running();
    }

    /**
     * The vCPUs of its domain give back what they keep, and are charged for, and do not use. As after {@link #breathe}, what was looked up
     * must be looked up again.
     *
     * @param quiescence the machine's
     * @return false: its domain died meanwhile
     */
    public boolean recall(Quiescence quiescence) {
        return outside(() -> {
            quiescence.recall(domain);
            return domain.running();
        });
    }

    /**
     * Does something that may wait: outside of the section, since nobody waits inside. What was read from tables before
     * must be read again afterwards.
     */
    public <R> R outside(Supplier<R> wait) {
        leaf.leave();
        section.leave();
        try {
            return wait.get();
        } finally {
            section.enter();
        }
    }
}
