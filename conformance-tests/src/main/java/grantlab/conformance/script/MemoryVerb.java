package grantlab.conformance.script;

import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import java.util.Map;

/** {@code rd}, {@code wr}, {@code fill}, {@code hash}: loads and stores of the executing domain's vCPU. */
final class MemoryVerb implements Verb {
    private static final int WORD = Long.BYTES;
    private static final int WORDS = Page.SIZE / WORD;
    private static final long HASH_START = 0xcbf29ce484222325L;
    private static final long HASH_FACTOR = 0x100000001b3L;

    /** What a vCPU does. */
    private interface Accesses {
        /**
         * Does it and prints what came of it, unless a fault ends it.
         *
         * @return zero, or the fault's vector
         */
        int perform(Vcpu vcpu, long address, long value, Result result);
    }

    private final Map<String, Operand> keys;
    private final Accesses accesses;

    private MemoryVerb(Map<String, Operand> keys, Accesses accesses) {
        this.keys = keys;
        this.accesses = accesses;
    }

    /** {@code rd}: one word. */
    static MemoryVerb read() {
        return new MemoryVerb(Map.of("addr", Operand.ADDRESS), (vcpu, address, value, result) -> {
            int fault = vcpu.load(address, WORD);
            if (fault == 0) {
                result.hex("val", vcpu.value());
            }
            return fault;
        });
    }

    /** {@code wr}: one word. */
    static MemoryVerb write() {
        return new MemoryVerb(
                Map.of("addr", Operand.ADDRESS, "val", Operand.NUMBER), (vcpu, address, value, result) -> {
                    int fault = vcpu.store(address, WORD, value);
                    if (fault == 0) {
                        result.word("ok");
                    }
                    return fault;
                });
    }

    /** {@code wrframe}: one word, the number of a frame. */
    static MemoryVerb writeFrame() {
        return new MemoryVerb(Map.of("addr", Operand.ADDRESS, "frame", Operand.FRAME), write().accesses);
    }

    /** {@code fill}: a page of words, each one more than the one before. */
    static MemoryVerb fill() {
        return new MemoryVerb(
                Map.of("addr", Operand.ADDRESS, "val", Operand.NUMBER), (vcpu, address, value, result) -> {
                    int fault = address % WORD == 0
                            ? fillAligned(vcpu, address, value)
                            : fillWordByWord(vcpu, address, value);
                    if (fault == 0) {
                        result.word("ok");
                    }
                    return fault;
                });
    }

    private static int fillAligned(Vcpu vcpu, long address, long value) {
        ArgumentStruct page = ArgumentStruct.ofSize(Page.SIZE);
        for (int word = 0; word < WORDS; word++) {
            page.set64(word * WORD, value + word);
        }
        return vcpu.storeBytes(address, page.bytes());
    }

    /** One of the words is in two pages, and is stored in both or in none. */
    private static int fillWordByWord(Vcpu vcpu, long address, long value) {
        int fault = 0;
        for (int word = 0; word < WORDS && fault == 0; word++) {
            fault = vcpu.store(address + (long) word * WORD, WORD, value + word);
        }
        return fault;
    }

    /** {@code hash}: a page of words in one number. */
    static MemoryVerb hash() {
        return new MemoryVerb(Map.of("addr", Operand.ADDRESS), (vcpu, address, value, result) -> {
            ArgumentStruct page = ArgumentStruct.ofSize(Page.SIZE);
            int fault = vcpu.loadBytes(address, page.bytes());
            if (fault == 0) {
                result.hex("hash", hash(page));
            }
            return fault;
        });
    }

    private static long hash(ArgumentStruct page) {
        long hash = HASH_START;
        for (int word = 0; word < WORDS; word++) {
            hash = (hash ^ page.get64(word * WORD)) * HASH_FACTOR;
        }
        return hash;
    }

    @Override
    public Map<String, Operand> keys() {
        return keys;
    }

    @Override
    public void execute(Operation operation) {
        if (!operation.world.schedule(operation.executor)) {
            operation.result.word("stopped");
            return;
        }
        Vcpu vcpu = operation.executor.vcpu();
        long address = operation.operands.address("addr");
        long value =
                keys.containsKey("frame") ? operation.operands.frame("frame", 0) : operation.operands.number("val", 0);
        int fault = accesses.perform(vcpu, address, value, operation.result);
        if (fault != 0) {
            operation.result.decimal("fault", fault).hex("ec", Integer.toUnsignedLong(vcpu.faultErrorCode()));
        }
    }
}
