package grantlab.conformance.fuzz;

import grantlab.hypervisor.Settings;
import java.util.List;

/**
 * What one run of a script is made of. The script itself says which paging mode a domain has and which version its table.
 *
 * @param memory the kind of machine memory
 */
public record Combination(String memory) {
    /** The settings of a machine of it. */
    Settings over(Settings settings) {
        return settings.withMemory(memory);
    }

    /**
     * One for each kind of memory.
     *
     * @param memories names, at least one
     */
    public static List<Combination> of(List<String> memories) {
        return memories.stream().map(Combination::new).toList();
    }

    @Override
    public String toString() {
        return memory;
    }
}
