package grantlab.virtio.vhost;

import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.message.Request;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a backend has been told of bus addresses: its device TLB. It follows the guest-physical map of the backend's domain, from which
 * every address that it is told comes. So it is part of each flush of that domain: an unmap and a v3_revoke of whoever granted go on
 * only when the backend has forgotten the page and moves nothing there any more.
 *
 * <p>Looking into the map and telling what is there are one step, and so are forgetting and waiting for it: with the lock. Whoever
 * receives what the backend asks takes no lock.
 */
public final class Iotlb implements MapWatcher {
    /** More is not told. DPDK 22.11 keeps 2048 for each ring, and drops any of them when there are more. */
    static final int MOST = 1024;

    private final ReentrantLock lock = new ReentrantLock();

    /** By bus address of the page. */
    private final TreeMap<Long, Entry> entries = new TreeMap<>(Long::compareUnsigned);

    private @Nullable Link link;

    /** Nobody is told anything yet. */
    public Iotlb() {}

    /** What the backend knows. */
    private record Entry(long busAddress, long gfn, long address, int access, boolean doubtful) {
        Entry inDoubt() {
            return new Entry(busAddress, gfn, address, access, true);
        }
    }

    /** Who is told, and where it comes from. */
    private record Link(
            PhysicalMap map, Conversation conversation, LongConsumer forgotten, Consumer<BackendException> failed) {}

    /** What came of telling. */
    enum Told {
        /** The backend knows. */
        DONE,

        /** Nothing stands there: it was taken back. */
        NOTHING,

        /** It may not be used so. */
        RIGHTS,

        /** The page beside it leads elsewhere. DPDK 22.11 would go on from the one in what lies behind the other. */
        NEIGHBOUR,

        /** The backend knows as much as it may. */
        FULL,

        /** There is no backend any more. */
        ENDED
    }

    /**
     * From now on a backend is told.
     *
     * @param map of its domain, which this follows
     * @param conversation with it
     * @param forgotten hears of bus addresses that had to be forgotten; takes no lock that is held when a map changes
     * @param failed hears that it did not forget, and returns when it reaches nothing any more
     */
    void open(PhysicalMap map, Conversation conversation, LongConsumer forgotten, Consumer<BackendException> failed) {
        lock.lock();
        try {
            requireNoBackend();
            link = new Link(map, conversation, forgotten, failed);
        } finally {
            lock.unlock();
        }
    }

    /** @throws IllegalStateException when somebody is told already */
    void requireNoBackend() {
        lock.lock();
        try {
            if (link != null) {
                throw new IllegalStateException("this domain has a backend already");
            }
        } finally {
            lock.unlock();
        }
    }

    /** There is no backend any more, or it reaches nothing any more. */
    void end() {
        lock.lock();
        try {
            link = null;
            entries.clear();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells the backend where a page is, with all rights that it has.
     *
     * @param busAddress of the page
     * @param gfn of the backend's domain at which it stands now
     * @param allowed rights that are told at most
     * @param wanted rights without which it is of no use
     * @throws BackendException when the backend does not take it
     */
    Told tell(long busAddress, long gfn, int allowed, int wanted) {
        lock.lock();
        try {
            Link to = link;
            if (to == null) {
                return Told.ENDED;
            }
            long standing = to.map.entry(gfn);
            int access = DeviceSpace.accessByMap(standing) & allowed;
            if (access == 0) {
                return Told.NOTHING;
            }
            if ((access & wanted) != wanted) {
                return Told.RIGHTS;
            }
            long address = Page.address(PhysicalMap.frameOf(standing));
            return tell(to.conversation, new Entry(busAddress, gfn, address, access, false));
        } finally {
            lock.unlock();
        }
    }

    private Told tell(Conversation conversation, Entry entry) {
        if (leadsElsewhere(entry, -Page.SIZE) || leadsElsewhere(entry, Page.SIZE)) {
            return Told.NEIGHBOUR;
        }
        Entry known = entries.get(entry.busAddress);
        if (known == null && entries.size() >= MOST) {
            return Told.FULL;
        }
        if (known != null && !known.equals(entry)) {
            // It would not learn anew what it knows.
            conversation.invalidate(known.busAddress, Page.SIZE);
        }
        entries.put(entry.busAddress, entry);
        conversation.order(
                Request.IOTLB_MSG, IotlbMessage.update(entry.busAddress, Page.SIZE, entry.address, entry.access));
        return Told.DONE;
    }

    private boolean leadsElsewhere(Entry entry, int distance) {
        Entry neighbour = entries.get(entry.busAddress + distance);
        return neighbour != null && neighbour.address != entry.address + distance;
    }

    /** Whether anything stands at a frame of the backend's domain. */
    boolean stands(long gfn) {
        lock.lock();
        try {
            return link != null && DeviceSpace.accessByMap(link.map.entry(gfn)) != 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void changed(long gfn, int order, boolean first) {
        if (first) {
            return;
        }
        lock.lock();
        try {
            entries.replaceAll((busAddress, entry) ->
                    Long.compareUnsigned(entry.gfn - gfn, 1L << order) < 0 ? entry.inDoubt() : entry);
        } finally {
            lock.unlock();
        }
    }

    /** Who comes while another one waits for the backend waits too. */
    @Override
    public void forget() {
        lock.lock();
        try {
            Link to = link;
            List<Entry> doubtful =
                    entries.values().stream().filter(Entry::doubtful).toList();
            if (to != null && !doubtful.isEmpty()) {
                entries.values().removeAll(doubtful);
                forget(to, doubtful);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void forget(Link to, List<Entry> doubtful) {
        try {
            for (Entry entry : doubtful) {
                to.conversation.invalidate(entry.busAddress, Page.SIZE);
            }
            to.conversation.barrier();
        } catch (BackendException e) {
            to.failed.accept(e);
        }
        doubtful.forEach(entry -> to.forgotten.accept(entry.busAddress));
    }
}
