package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the annotations of one family, and says in one line what is wrong with them. */
final class FamilyReader {
    private static final Pattern PREFIX = Pattern.compile("[A-Z][A-Z0-9]*");
    private static final Pattern ID = Pattern.compile("[A-Z][A-Z0-9]*-[0-9]{2,3}");

    private final ClauseFamily family;
    private final Map<String, Method> methods = new HashMap<>();
    private final List<Promise> promises = new ArrayList<>();

    FamilyReader(ClauseFamily family) {
        this.family = family;
    }

    Family read() {
        if (!PREFIX.matcher(family.prefix()).matches()) {
            throw wrong(
                    family.getClass().getName(),
                    "the prefix '" + family.prefix() + "' is not of capital letters and digits");
        }
        readClauses(family);
        List<Object> parts = family.parts();
        if (promises.isEmpty() && parts.isEmpty()) {
            throw withoutClauses(family);
        }
        parts.forEach(this::readPart);
        promises.sort(Comparator.comparingInt(FamilyReader::number));
        return new Family(family.prefix(), family.title(), promises);
    }

    private static int number(Promise promise) {
        return Integer.parseInt(promise.id().substring(promise.id().lastIndexOf('-') + 1));
    }

    /** The family itself may leave all of its clauses to its parts. */
    private void readPart(Object part) {
        int before = promises.size();
        readClauses(part);
        if (promises.size() == before) {
            throw withoutClauses(part);
        }
    }

    private static ConfigurationException withoutClauses(Object part) {
        return wrong(part.getClass().getName(), "no method is annotated with @Clause");
    }

    private void readClauses(Object part) {
        for (Method method : part.getClass().getDeclaredMethods()) {
            Clause clause = method.getAnnotation(Clause.class);
            if (clause == null) {
                continue;
            }
            Method twin = methods.put(clause.id(), method);
            if (twin != null) {
                throw wrong(name(method), "the id " + clause.id() + " is taken by " + name(twin));
            }
            promises.add(promise(part, method, clause));
        }
    }

    private Promise promise(Object part, Method method, Clause clause) {
        if (!ID.matcher(clause.id()).matches() || !clause.id().startsWith(family.prefix() + "-")) {
            throw wrong(
                    name(method),
                    "the id '" + clause.id() + "' is not " + family.prefix() + "-NN or " + family.prefix() + "-NNN");
        }
        if (clause.promise().isBlank() || clause.source().isBlank()) {
            throw wrong(name(method), clause.id() + " needs a promise and a source");
        }
        if (method.getReturnType() != void.class
                || !List.of(method.getParameterTypes()).equals(List.of(World.class))
                || Modifier.isStatic(method.getModifiers())) {
            throw wrong(name(method), "a clause is an instance method void " + method.getName() + "(World world)");
        }
        if (!method.trySetAccessible()) {
            throw wrong(name(method), "its package is neither exported nor open to grantlab.conformance");
        }
        Class<?> type = part.getClass();
        boolean bothTables = type.isAnnotationPresent(BothTables.class) || method.isAnnotationPresent(BothTables.class);
        List<Requirement> requirements = requirements(type, method);
        OutOfScope outOfScope = method.getAnnotation(OutOfScope.class);
        if (outOfScope != null && outOfScope.value().isBlank()) {
            throw wrong(name(method), clause.id() + " is out of scope and needs the reason");
        }
        return new Promise(
                clause.id(),
                clause.promise(),
                clause.source(),
                requirements,
                bothTables,
                concerns(type, method, requirements),
                false,
                disturbance(method),
                type.isAnnotationPresent(Interruptible.class) || method.isAnnotationPresent(Interruptible.class),
                Optional.ofNullable(outOfScope).map(OutOfScope::value),
                onceFor(),
                body(part, method),
                type);
    }

    private Optional<Set<Member>> onceFor() {
        return Optional.ofNullable(family.getClass().getAnnotation(OnceFor.class))
                .map(once -> Set.of(once.value()));
    }

    private static Optional<Disturbance> disturbance(Method method) {
        return Optional.ofNullable(method.getAnnotation(DisturbedByDevices.class))
                .map(said -> new Disturbance(said.value(), said.where()));
    }

    private static Set<Member> concerns(Class<?> type, Method method, List<Requirement> requirements) {
        Set<Member> concerns = EnumSet.noneOf(Member.class);
        concerns(type.getAnnotation(Concerns.class), concerns);
        concerns(method.getAnnotation(Concerns.class), concerns);
        requirements.stream().map(Requirement::member).forEach(concerns::add);
        return concerns;
    }

    private static void concerns(@Nullable Concerns concerned, Set<Member> into) {
        if (concerned != null) {
            into.addAll(List.of(concerned.value()));
        }
    }

    private static Promise.Body body(Object part, Method method) {
        return world -> {
            try {
                method.invoke(part, world);
            } catch (InvocationTargetException e) {
                // What the clause threw is what counts; a cause is always there.
                switch (e.getCause()) {
                    case Exception exception -> throw exception;
                    case Error error -> throw error;
                    case null, default -> throw e;
                }
            }
        };
    }

    private static List<Requirement> requirements(Class<?> type, Method method) {
        Set<Requirement> requirements = new LinkedHashSet<>();
        takes(type.getAnnotation(Takes.class), requirements);
        needs(type.getAnnotation(Needs.class), requirements);
        lacks(type.getAnnotation(Lacks.class), requirements);
        takes(method.getAnnotation(Takes.class), requirements);
        needs(method.getAnnotation(Needs.class), requirements);
        lacks(method.getAnnotation(Lacks.class), requirements);
        return List.copyOf(requirements);
    }

    private static void takes(@Nullable Takes takes, Set<Requirement> into) {
        if (takes != null) {
            List.of(takes.value()).forEach(member -> into.add(Requirement.somebody(member)));
        }
    }

    private static void needs(@Nullable Needs needs, Set<Requirement> into) {
        if (needs != null) {
            add(into, Member.FORMAT, true, needs.format());
            add(into, Member.GRANTEE_FORMAT, true, needs.granteeFormat());
            add(into, Member.GRANTER, true, needs.granter());
            add(into, Member.GRANTEE, true, needs.grantee());
            add(into, Member.IOMMU, true, needs.iommu());
            add(into, Member.TRANSPORT, true, needs.transport());
            add(into, Member.QUEUE, true, needs.queue());
        }
    }

    private static void lacks(@Nullable Lacks lacks, Set<Requirement> into) {
        if (lacks != null) {
            add(into, Member.FORMAT, false, lacks.format());
            add(into, Member.GRANTEE_FORMAT, false, lacks.granteeFormat());
            add(into, Member.GRANTER, false, lacks.granter());
            add(into, Member.GRANTEE, false, lacks.grantee());
            add(into, Member.IOMMU, false, lacks.iommu());
            add(into, Member.TRANSPORT, false, lacks.transport());
            add(into, Member.QUEUE, false, lacks.queue());
        }
    }

    private static void add(Set<Requirement> into, Member member, boolean declared, String[] capabilities) {
        for (String capability : capabilities) {
            into.add(new Requirement(member, capability, declared));
        }
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }

    private static ConfigurationException wrong(String where, String what) {
        return new ConfigurationException("clause family " + where + ": " + what);
    }
}
