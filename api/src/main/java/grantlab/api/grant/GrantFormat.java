package grantlab.api.grant;

import grantlab.api.guest.GuestKernel;
import java.util.List;

/**
 * One table format. A format has one of two homes: {@link FlatFormat} (frames of the hypervisor, shared with the guest) or
 * {@link TreeFormat} (the granter's own memory).
 */
public interface GrantFormat {
    /**
     * The guest's side, brought up as a guest kernel does at boot: over the guest's own loads, stores, compare-exchanges
     * and hypercalls. By the thread of the granter's vCPU.
     *
     * @param granter the kernel of the granting guest
     * @param peer the domain that is granted to; a format with one table for all ignores it
     * @param deviceId the device whose table it is, or -1 for the common one
     * @return the table as the guest sees it
     * @throws IllegalStateException when the hypervisor refuses; the message has the status
     */
    GuestTable bringUp(GuestKernel granter, int peer, int deviceId);

    /**
     * The words of the entry by name: for scripts, reports and state dumps.
     *
     * @return one codec for each kind of entry
     */
    List<EntryCodec> codecs();
}
