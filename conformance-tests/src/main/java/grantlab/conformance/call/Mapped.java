package grantlab.conformance.call;

/**
 * What map_grant_ref answers.
 *
 * @param rc the hypercall's result
 * @param status GNTST_*, or {@link Call#UNWRITTEN}
 * @param handle the maptrack handle; -1 as long as the hypervisor wrote none
 * @param deviceAddress dev_bus_addr: machine address of the frame
 */
public record Mapped(long rc, int status, int handle, long deviceAddress) implements Answered {
    @Override
    public String toString() {
        String start = Texts.rc(rc) + " " + Texts.status(status);
        return status == 0 ? start + " h=" + handle + " dev=" + Texts.hex(deviceAddress) : start;
    }
}
