package grantlab.api.transport;

import grantlab.api.guest.GuestKernel;

/**
 * A way in which the buffers of a virtio driver become reachable for a device in another domain. Everything that the device is
 * told is a bus address (VIRTIO_F_ACCESS_PLATFORM); what a bus address is, how the driver comes by one and how the device gets
 * behind one is the transport's. Both sides are guest software: each uses nothing but its own kernel.
 *
 * <p>One for each machine. Any thread; what it makes belongs to the thread of its kernel.
 */
public interface Transport {
    /**
     * The side of a driver, brought up as its kernel does when it finds the device.
     *
     * @param kernel of the driver's guest
     * @param endpoint who is connected with whom
     * @return with nothing exposed
     * @throws IllegalStateException when the hypervisor refuses; the message has the status
     */
    DriverSide driver(GuestKernel kernel, Endpoint endpoint);

    /**
     * The side of a device, brought up when it is told of a driver.
     *
     * @param kernel of the guest in which the device is
     * @param endpoint as the driver has it
     * @return with nothing mapped
     * @throws IllegalStateException when the driver's side is not there; the message has the status
     */
    DeviceSide device(GuestKernel kernel, Endpoint endpoint);
}
