package grantlab.conformance.script;

import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.passthrough.Passthrough;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code dma_read}, {@code dma_write}: an access of a device that the executing domain owns, at a device address. */
final class DmaVerb implements Verb {
    private static final String ADDRESS = "addr";
    private static final String VALUE = "val";
    private static final String LENGTH = "len";
    private static final String DEVICE = "dev";

    private final boolean writes;

    private DmaVerb(boolean writes) {
        this.writes = writes;
    }

    /** {@code dma_read}. */
    static DmaVerb read() {
        return new DmaVerb(false);
    }

    /** {@code dma_write}. */
    static DmaVerb write() {
        return new DmaVerb(true);
    }

    @Override
    public Map<String, Operand> keys() {
        Map<String, Operand> keys =
                new HashMap<>(Map.of(ADDRESS, Operand.ADDRESS, LENGTH, Operand.DMA_LENGTH, DEVICE, Operand.DEVICE));
        if (writes) {
            keys.put(VALUE, Operand.NUMBER);
        }
        return keys;
    }

    @Override
    public List<String> required() {
        return List.of(ADDRESS);
    }

    @Override
    public void execute(Operation operation) {
        Device device = device(operation);
        if (device == null) {
            operation.result.word("nodevice");
            return;
        }
        long address = operation.operands.deviceAddress(ADDRESS);
        int length = Math.clamp(operation.operands.number(LENGTH, Long.BYTES), 0, Long.BYTES);
        ArgumentStruct word = ArgumentStruct.ofSize(Long.BYTES);
        word.set64(0, operation.operands.number(VALUE, 0));
        MemorySegment bytes = word.bytes().asSlice(0, length);
        int reason = writes ? device.write(address, bytes) : device.read(address, bytes);
        if (reason != 0) {
            operation.result.word("fault=" + DeviceFault.name(reason));
        } else if (writes || length == 0) {
            operation.result.word("ok");
        } else {
            operation.result.hex(VALUE, word.get64(0));
        }
    }

    private static @Nullable Device device(Operation operation) {
        Domain domain = operation.world.machine().domain(operation.executor.domid);
        Passthrough passthrough = domain == null ? null : domain.passthrough();
        long number = operation.operands.number(DEVICE, 0);
        return passthrough == null
                        || Long.compareUnsigned(number, passthrough.devices().size()) >= 0
                ? null
                : passthrough.devices().get((int) number);
    }
}
