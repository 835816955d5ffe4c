package grantlab.conformance.clause;

import grantlab.api.guest.Vcpu;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.Struct;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls from any CPU of a guest, with their arguments anywhere in its memory: for second CPUs, for arrays that end where
 * memory ends. Writes nothing into the diary of the run: a thread may use one.
 */
final class Cpu {
    private static final int LIST_OFFSET = 2048;

    private final Vcpu vcpu;
    private final long arguments;

    /**
     * A CPU.
     *
     * @param vcpu which
     * @param arguments where its argument arrays begin
     */
    Cpu(Vcpu vcpu, long arguments) {
        this.vcpu = vcpu;
        this.arguments = arguments;
    }

    /** One element. */
    <A> A call(Call<A> call) {
        return batch(List.of(call)).getFirst();
    }

    /** Several elements of one operation. */
    <A> List<A> batch(List<? extends Call<A>> calls) {
        write(calls);
        return read(calls, enter(calls.getFirst(), calls.size()));
    }

    /** Writes an array and calls nobody. */
    void write(List<? extends Call<?>> calls) {
        for (int n = 0; n < calls.size(); n++) {
            Call<?> call = calls.get(n);
            Struct struct = struct(call, n);
            struct.clear(call.size());
            call.write(struct);
        }
    }

    /** Enters the hypervisor with what was written. */
    long enter(Call<?> first, long count) {
        return vcpu.hypercall(first.hypercall(), first.operation(), arguments, count);
    }

    /** Reads what the hypervisor left. */
    <A> List<A> read(List<? extends Call<A>> calls, long rc) {
        List<A> answers = new ArrayList<>();
        for (int n = 0; n < calls.size(); n++) {
            answers.add(calls.get(n).read(struct(calls.get(n), n), rc));
        }
        return answers;
    }

    private Struct struct(Call<?> call, int n) {
        return new Struct(new Memory(), arguments + (long) n * call.size(), arguments + LIST_OFFSET);
    }

    private final class Memory implements Struct.Bytes {
        @Override
        public long load(long address, int width) {
            own(vcpu.load(address, width), address);
            return vcpu.value();
        }

        @Override
        public void store(long address, int width, long value) {
            own(vcpu.store(address, width, value), address);
        }

        private static void own(int fault, long address) {
            if (fault != 0) {
                throw new IllegalStateException(
                        "fault " + fault + " at the argument 0x" + Long.toHexString(address) + " of the clause's own");
            }
        }
    }
}
