/** Domains: what they own, how they come and how they go. */
@NullMarked
package grantlab.hypervisor.domain;

import org.jspecify.annotations.NullMarked;
