package grantlab.virtio.vhost.net;

import grantlab.api.Status;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.virtio.transport.BusAddresses;

/**
 * A page of a driver that is granted to the device, always under the same index. The index after it is never granted: what is in a
 * buffer ends with the page, and no device takes two pages for one because their bus addresses touch. By the thread of the driver's
 * kernel.
 */
public final class SharedPage {
    private final GuestKernel kernel;
    private final GuestTree tree;
    private final int peer;
    private final int access;
    private final long address;
    private final long index;
    private boolean granted;

    /** Whether it was taken back, and the entry still says so. */
    private boolean revoked;

    /**
     * A zeroed page, granted.
     *
     * @param kernel of the driver's guest
     * @param tree of the device
     * @param peer domid of the device
     * @param access READ or READ | WRITE
     * @throws IllegalStateException when the guest has no page or the tree no index left
     */
    public SharedPage(GuestKernel kernel, GuestTree tree, int peer, int access) {
        this.kernel = kernel;
        this.tree = tree;
        this.peer = peer;
        this.access = access;
        this.address = kernel.allocatePages(Page.ORDER_4K);
        this.index = address < 0 ? -1 : kernel.allocateIndices(tree, 2);
        if (index < 0) {
            throw new IllegalStateException(
                    "domain " + kernel.vcpu().domid() + " has no page or index left for a buffer");
        }
        grant();
    }

    private void grant() {
        tree.grant(index, peer, kernel.frameOf(address), Page.ORDER_4K, access);
        granted = true;
    }

    /** Guest address of its first byte. */
    public long address() {
        return address;
    }

    /** By what the device knows its first byte. */
    public long busAddress() {
        return BusAddresses.OWN_TREE.address(index);
    }

    /** Whether the device may reach it. */
    public boolean granted() {
        return granted;
    }

    /**
     * Takes it back by force: when this returns the device reaches it no more.
     *
     * @throws IllegalStateException when the hypervisor refuses; the message has the status
     */
    public void revoke() {
        int status = kernel.revokeTree(tree.reference(index));
        if (status != Status.OKAY) {
            throw new IllegalStateException("a page is not taken back: v3_revoke answers " + status);
        }
        granted = false;
        revoked = true;
    }

    private boolean vacated() {
        if (revoked && tree.vacate(index)) {
            revoked = false;
        }
        return !revoked;
    }

    /**
     * Grants it anew.
     *
     * @return false: the domain of the device has not acknowledged yet that it was taken back
     */
    public boolean regrant() {
        if (!vacated()) {
            return false;
        }
        grant();
        return true;
    }

    /**
     * Withdraws it, as a driver does that asked the device first.
     *
     * @return false: the device uses it, and nothing happened
     */
    public boolean withdraw() {
        if (!granted) {
            return vacated();
        }
        granted = !tree.end(index);
        return !granted;
    }

    /** Gives page and indices back; it is not granted. */
    public void close() {
        kernel.freeIndices(tree, index, 2);
        kernel.freePages(address, Page.ORDER_4K);
    }
}
