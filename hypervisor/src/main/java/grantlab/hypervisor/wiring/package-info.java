/** How Guice makes many machines with one injector. */
@NullMarked
package grantlab.hypervisor.wiring;

import org.jspecify.annotations.NullMarked;
