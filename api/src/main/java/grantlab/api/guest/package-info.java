/** What guest software sees: a CPU and a little kernel. Drivers, transports and clauses use nothing else. */
@NullMarked
package grantlab.api.guest;

import org.jspecify.annotations.NullMarked;
