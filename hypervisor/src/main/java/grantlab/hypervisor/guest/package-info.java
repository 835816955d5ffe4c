/** Guest software: a CPU, a little kernel, and the builder that puts both into a domain. */
@NullMarked
package grantlab.hypervisor.guest;

import org.jspecify.annotations.NullMarked;
