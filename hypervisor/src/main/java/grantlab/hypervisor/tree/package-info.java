/** Tables in the granter's own memory: which trees a domain has, and what is mapped through them. */
@NullMarked
package grantlab.hypervisor.tree;

import org.jspecify.annotations.NullMarked;
