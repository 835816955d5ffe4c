package grantlab.virtio.dpdk;

import grantlab.virtio.vhost.BackendException;
import grantlab.virtio.vhost.Ring;
import grantlab.virtio.vhost.VhostFrontend;
import grantlab.virtio.vhost.net.NetDriver;
import grantlab.virtio.vhost.net.SharedPage;
import grantlab.virtio.vhost.socket.EventFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Packets through a backend that sends back what it receives, while the driver takes pages back: pages of packets that are being sent, pages
 * that are about to be received into, and the page of a queue. Everything is counted. One thread.
 */
public final class Forwarding implements AutoCloseable {
    /** Packets that are under way at most: fewer than there are pages to receive into. */
    static final int WINDOW = 8;

    /** A page is taken back with every so many packets. */
    private static final int REVOKE_EVERY = 50;

    /** So many packets later every page that was about to be received into has been: the phase ends with nothing taken back. */
    private static final int ROUND = 64;

    /** What a page is filled with that was taken back. */
    private static final byte PRIVATE = 0x5a;

    /** How often it is looked for something to come at once; after that, a millisecond later each time. */
    private static final int SPINS = 1000;

    /** What did not come until then is lost. */
    private static final int LOOKS = SPINS + 2000;

    private final NetDriver driver;
    private final VhostFrontend frontend;
    private final EventFile receiveKick;
    private final EventFile receiveCall;
    private final EventFile sendKick;
    private final EventFile sendCall;
    private final MemorySegment packet = MemorySegment.ofArray(new byte[Packet.SIZE]);
    private long next;
    private @Nullable SharedPage lastOffered;

    // Of the phase

    private final Set<Long> missing = new HashSet<>();

    /** Numbers of packets whose page was taken back before the device can have read it. */
    private final Set<Long> given = new HashSet<>();

    private final Map<SharedPage, Long> inPage = new HashMap<>();
    private final Set<SharedPage> taken = new HashSet<>();

    /** Pages with packets that the device does not see yet. */
    private final List<SharedPage> unseen = new ArrayList<>();

    private long sent;
    private long returned;
    private long revoked;
    private long swallowed;
    private long damaged;
    private long touched;
    private int underWay;

    /**
     * Connects a driver and a backend.
     *
     * @param driver with its pages granted
     * @param frontend of the backend; nothing was started yet
     * @throws BackendException when the backend does not start
     */
    public Forwarding(NetDriver driver, VhostFrontend frontend) {
        this.driver = driver;
        this.frontend = frontend;
        try {
            receiveKick = EventFile.create();
            receiveCall = EventFile.create();
            sendKick = EventFile.create();
            sendCall = EventFile.create();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        frontend.start(List.of(
                new Ring(driver.layouts().get(0), receiveKick, receiveCall),
                new Ring(driver.layouts().get(1), sendKick, sendCall)));
        for (SharedPage page : driver.pages()) {
            push(page);
        }
    }

    private void push(SharedPage page) {
        if (!frontend.push(page.busAddress())) {
            throw new IllegalStateException("a page that is granted is not reached by the backend");
        }
    }

    /**
     * All phases, one after the other.
     *
     * @param packets of each
     * @return what became of them, in this order
     * @throws BackendException when the backend was cut off
     */
    public List<PhaseCounts> run(int packets) {
        List<PhaseCounts> phases = new ArrayList<>();
        phases.add(phase("nothing is taken back", packets, () -> {}));
        phases.add(phase("pages with packets to send", packets, () -> revokeSending(unseen)));
        phases.add(phase("pages with packets under way", packets, () -> revokeSending(inPage.keySet())));
        phases.add(phase("pages to receive into", packets, this::revokeReceiving));
        phases.add(phase("the page of the queue to send", packets, this::revokeQueue));
        return phases;
    }

    private PhaseCounts phase(String name, int packets, Runnable interruption) {
        sent = 0;
        returned = 0;
        revoked = 0;
        swallowed = 0;
        damaged = 0;
        touched = 0;
        missing.clear();
        given.clear();
        while (sent < packets) {
            send(WINDOW / 2);
            show();
            send(WINDOW / 2);
            if (sent % REVOKE_EVERY < WINDOW && packets - sent > ROUND) {
                interruption.run();
            }
            show();
            await();
        }
        missing.removeAll(given);
        long lostElsewhere = missing.size() - swallowed;
        return new PhaseCounts(name, sent, returned, revoked, sent - returned, lostElsewhere, damaged, touched);
    }

    /** Puts packets into the queue, and does not show them yet. */
    private void send(int count) {
        for (int n = 0; n < count; n++) {
            Packet.write(packet, next);
            SharedPage page = driver.send(packet);
            if (page == null) {
                throw new IllegalStateException("all pages to send are under way");
            }
            inPage.put(page, next);
            unseen.add(page);
            missing.add(next);
            next++;
            sent++;
            underWay++;
        }
    }

    private void show() {
        unseen.clear();
        if (driver.publishSending()) {
            sendKick.signal();
        }
    }

    // Taking back

    private void take(SharedPage page) {
        page.revoke();
        revoked++;
        driver.fill(page, PRIVATE);
        taken.add(page);
        frontend.settle();
    }

    /** One of those in the queue. What the device does not see yet is lost for certain; what is under way may have been sent. */
    private void revokeSending(Collection<SharedPage> candidates) {
        Iterator<SharedPage> any = candidates.iterator();
        if (any.hasNext()) {
            SharedPage victim = any.next();
            Long number = inPage.get(victim);
            if (number == null) {
                throw new IllegalStateException("there is no packet in the page");
            }
            given.add(number);
            take(victim);
        }
    }

    /** The one that comes last in the queue: what is under way does not reach it meanwhile. */
    private void revokeReceiving() {
        SharedPage victim = lastOffered;
        if (victim != null && victim.granted()) {
            take(victim);
        }
    }

    /** With packets in the queue, half of which the device may have seen. It does not ask for the page again: it has to be told. */
    private void revokeQueue() {
        show();
        SharedPage queue = driver.sendingQueue();
        queue.revoke();
        revoked++;
        frontend.settle();
        grantAnew(queue);
    }

    private void grantAnew(SharedPage page) {
        if (!page.regrant()) {
            throw new IllegalStateException("the domain of the backend did not acknowledge");
        }
        push(page);
    }

    // What comes back

    /** Until nothing is under way, or nothing comes any more. */
    private void await() {
        int inVain = 0;
        while (inVain < LOOKS && (underWay > 0 || !inPage.isEmpty())) {
            if (look()) {
                inVain = 0;
            } else {
                pause(inVain++);
            }
        }
        underWay = 0;
    }

    private void pause(int inVain) {
        Optional<BackendException> failure = frontend.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (inVain < SPINS) {
            Thread.onSpinWait();
            return;
        }
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while packets were waited for", e);
        }
    }

    /** @return whether anything came */
    private boolean look() {
        boolean something = false;
        for (SharedPage page = driver.sent(); page != null; page = driver.sent()) {
            something = true;
            inPage.remove(page);
            giveBack(page);
            driver.reuse(page);
        }
        for (SharedPage page = driver.received(); page != null; page = driver.received()) {
            something = true;
            underWay--;
            receive(page);
            driver.offer(page);
            lastOffered = page;
        }
        if (something && driver.publishReceiving()) {
            receiveKick.signal();
        }
        return something;
    }

    private void receive(SharedPage page) {
        if (!page.granted()) {
            swallowed++;
            giveBack(page);
            return;
        }
        driver.read(page, packet);
        long number = Packet.number(packet);
        if (number != Packet.NONE && missing.remove(number)) {
            returned++;
        } else if (!Packet.isBlank(packet)) {
            damaged++;
        }
    }

    /** The device is done with a page; if it had been taken back, it was the driver's alone until now. */
    private void giveBack(SharedPage page) {
        if (taken.remove(page)) {
            touched += driver.changed(page, PRIVATE);
            grantAnew(page);
        }
    }

    /** The backend stops, and lets go of everything. */
    @Override
    public void close() {
        frontend.close();
        receiveKick.close();
        receiveCall.close();
        sendKick.close();
        sendCall.close();
    }
}
