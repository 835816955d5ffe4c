/** One domain's grant table: its frames, its limits, and the format in force. */
@NullMarked
package grantlab.hypervisor.table;

import org.jspecify.annotations.NullMarked;
