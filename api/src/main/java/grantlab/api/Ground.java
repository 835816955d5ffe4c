package grantlab.api;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;

/**
 * What every implementation stands on. It is all that an implementation is given.
 *
 * @param memory the machine's RAM
 * @param frames owner, references and type of each machine frame
 * @param behaviour the rules in which releases of Xen differ
 * @param clock the only time there is
 */
public record Ground(MachineMemory memory, FrameTable frames, Behaviour behaviour, Clock clock) {}
