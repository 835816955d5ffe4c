package grantlab.api.transport;

/**
 * A device and its driver, as both know it from the toolstack.
 *
 * @param driverDomid the domain of the driver, whose memory is used
 * @param deviceDomid the domain of the device, as the driver names it: real or virtual
 * @param deviceId tells devices of one driver apart, 0, 1, ...
 * @param mode how buffers are handed over
 */
public record Endpoint(int driverDomid, int deviceDomid, int deviceId, Mode mode) {
    /** How buffers are handed over: driver and device agree on it. */
    public enum Mode {
        /** Each request exposes its buffers and withdraws them; the device maps them for as long as it works on the request. */
        STREAMING,

        /** Buffers are exposed once and used by many requests; the device keeps them mapped. */
        POOL,

        /** As streaming, but the device has the hypervisor copy and maps nothing but the queues. */
        COPY
    }
}
