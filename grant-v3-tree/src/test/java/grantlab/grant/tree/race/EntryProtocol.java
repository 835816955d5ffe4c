package grantlab.grant.tree.race;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.GuestTree;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.Changes;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.grant.tree.LeafWord;
import grantlab.grant.tree.Levels;
import grantlab.grant.tree.Tree;
import grantlab.grant.tree.cache.NodeCache;
import grantlab.grant.tree.cache.Nodes;
import grantlab.grant.tree.guest.GuestTreeV3;
import grantlab.p2m.memory.OnHeapMemory;
import java.util.List;

/**
 * One entry with its granter on one side and the hypervisor on the other: what both do to the word, with as much of the engine
 * around it as the protocol needs, which is an act with its lock and counts. Each public method is one step of somebody; what they
 * answer together must be what {@link EntrySpecification} could have answered, one after the other.
 *
 * <p>One thread is the granter; any thread may map and unmap. The rules that a variant breaks are the protected methods.
 */
public class EntryProtocol {
    private static final int ATTEMPTS = 4;
    private static final int PEER = 2;
    private static final long PAGE = 0x1234;
    private static final int READ = Access.READ | Access.HOST;
    private static final int WRITE = READ | Access.WRITE;

    /** The machine's. */
    protected final MachineMemory memory;

    /** The hypervisor's side. */
    protected final TreeTable tree;

    /** The guest's side. */
    protected final GuestTree guest;

    private final int index;

    /** Where the entry is. */
    protected final long address;

    // The act; guarded by this.
    private int readers;
    private int writers;
    private long snapshot;

    /** On the memory that model checkers see through. */
    public EntryProtocol() {
        this(new OnHeapMemory(new RamLayout(List.of(new RamLayout.Extent(0, 1)))), 0, 3);
    }

    /**
     * Over an empty page, as a tree of one level: its root is held for good, so no books are asked.
     *
     * @param memory the machine's
     * @param root machine frame
     * @param index of the entry, which is empty
     */
    protected EntryProtocol(MachineMemory memory, long root, int index) {
        this.memory = memory;
        this.index = index;
        Nodes nodes = new Nodes(null, null, 0);
        tree = new Tree(memory, nodes, new NodeCache(nodes, new Changes()), root, 1, Levels.ENTRIES);
        guest = new GuestTreeV3(new DirectGuest(memory), Page.address(root), 1, 0);
        address = Page.address(root) + index * (long) LeafWord.BYTES;
    }

    // The granter

    /** Grants a page for writing. @return false: the index is not vacant */
    public boolean grant() {
        if (!LeafWord.isVacant(memory.load64Acquire(address))) {
            return false;
        }
        guest.grant(index, PEER, PAGE, 0, WRITE);
        return true;
    }

    /** Withdraws. */
    public boolean end() {
        return guest.end(index);
    }

    /** Clears W. */
    public boolean narrow() {
        return guest.narrow(index);
    }

    /** Turns the leaf into a tombstone. */
    public boolean close() {
        return guest.close(index);
    }

    /** Empties the tombstone. */
    public boolean vacate() {
        return guest.vacate(index);
    }

    /** Looks for marks. */
    public boolean inUse() {
        return guest.inUse(index);
    }

    /** A round of migration: whether the page was or is written, since the last round. */
    public boolean dirty() {
        long word = memory.load64Acquire(address);
        while ((word & LeafWord.W_SEEN) != 0) {
            long witness = memory.compareAndExchange64(address, word, word & ~LeafWord.W_SEEN);
            if (witness == word) {
                return true;
            }
            word = witness;
        }
        return (word & LeafWord.MAPPED_W) != 0;
    }

    /** A granter that breaks the rules: grants over what is in use, marks and all. */
    public void scribble() {
        long word = memory.load64Acquire(address);
        memory.store64Release(address, LeafWord.granted(word, PAGE, WRITE) | LeafWord.MAPPED | LeafWord.W_SEEN);
    }

    // The hypervisor

    /** Begins a use. @return a status */
    public int read() {
        return map(READ);
    }

    /** Begins a use that writes. @return a status */
    public int write() {
        return map(WRITE);
    }

    /** Ends a use that read. @return false: there is none */
    public synchronized boolean endRead() {
        if (readers == 0) {
            return false;
        }
        readers--;
        reduce(false);
        return true;
    }

    /** Ends a use that wrote. @return false: there is none */
    public synchronized boolean endWrite() {
        if (writers == 0) {
            return false;
        }
        writers--;
        reduce(true);
        return true;
    }

    private int map(int access) {
        Leaf leaf = new Leaf();
        int status = Status.UNSTABLE;
        for (int attempt = 0; attempt < ATTEMPTS && status == Status.UNSTABLE; attempt++) {
            status = tree.locate(index, access, leaf);
            if (status == Status.OKAY) {
                status = pin(leaf, access);
            }
            tree.release(leaf);
        }
        return status;
    }

    private int pin(Leaf leaf, int access) {
        long located = located(leaf);
        synchronized (this) {
            boolean fresh = readers + writers == 0;
            if (!fresh && snapshot != leaf.snapshot) {
                return Status.BUSY;
            }
            int status = mark(leaf, access, located);
            if (status == Status.OKAY) {
                snapshot = leaf.snapshot;
                readers += Access.writes(access) ? 0 : 1;
                writers += Access.writes(access) ? 1 : 0;
            }
            return status;
        }
    }

    private void reduce(boolean wrote) {
        int unused = readers + writers == 0 ? Access.READ : 0;
        if (wrote && writers == 0) {
            unused |= Access.WRITE;
        }
        if (unused != 0) {
            clear(snapshot, unused);
        }
    }

    // What a variant breaks

    /** What the word was before the act was locked, for those who go by it. */
    protected long located(Leaf leaf) {
        return 0;
    }

    /** Marks a use. */
    protected int mark(Leaf leaf, int access, long located) {
        return tree.mark(leaf, PEER, access, true);
    }

    /** Takes marks back. */
    protected void clear(long grant, int unused) {
        tree.clear(index, 0, grant, unused);
    }
}
