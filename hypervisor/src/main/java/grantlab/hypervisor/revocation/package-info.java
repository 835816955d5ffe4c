/** Taking back what others have mapped (grant-v3.md, section 8). */
@org.jspecify.annotations.NullMarked
package grantlab.hypervisor.revocation;
