package io.sluice.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a class hands to Jackson by hand: the types of the arguments of a mapper's calls, and of what it answers a request
 * with. They are read off the code, since the parameters are of type {@code Object} and {@code Class}.
 */
final class HandedOver {
    private static final Set<String> MAPPERS = Set.of(
            "Lcom/fasterxml/jackson/databind/ObjectMapper;",
            "Lcom/fasterxml/jackson/databind/json/JsonMapper;",
            "Lcom/fasterxml/jackson/databind/ObjectWriter;",
            "Lcom/fasterxml/jackson/databind/ObjectReader;",
            "Lcom/fasterxml/jackson/core/JsonGenerator;",
            "Lcom/fasterxml/jackson/core/ObjectCodec;");
    private static final Set<String> ANSWERS =
            Set.of("Ljakarta/ws/rs/core/Response;", "Ljakarta/ws/rs/core/Response$ResponseBuilder;");
    private static final Set<String> ANSWERED_BY = Set.of("entity", "ok", "accepted");

    private final List<Typed> code;

    /** An instruction, and the local variables' types where it stands. */
    private record Typed(Instruction instruction, List<LocalVariable> variables) {}

    private HandedOver(List<Typed> code) {
        this.code = code;
    }

    /** The types, as far as the code tells, by their binary names. */
    static Set<String> by(URI classFile) {
        ClassModel type;
        try (InputStream bytes = classFile.toURL().openStream()) {
            type = ClassFile.of().parse(bytes.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Set<String> names = new LinkedHashSet<>();
        boolean known = true;
        for (MethodModel method : type.methods()) {
            HandedOver handed = new HandedOver(typed(method));
            for (int at = 0; at < handed.code.size(); at++) {
                for (Optional<ClassDesc> argument : handed.argumentsOf(at)) {
                    argument.map(HandedOver::name).ifPresent(names::add);
                    known &= argument.isPresent();
                }
            }
        }
        if (!known) {
            // A type that comes as a parameter is one that the class names somewhere, or its callers do.
            literals(type).forEach(names::add);
        }
        return names;
    }

    private static List<Typed> typed(MethodModel method) {
        if (method.code().isEmpty() || !(method.code().get() instanceof CodeAttribute code)) {
            return List.of();
        }
        List<LocalVariable> variables = new ArrayList<>();
        for (CodeElement element : code) {
            if (element instanceof LocalVariable variable) {
                variables.add(variable);
            }
        }
        List<Typed> typed = new ArrayList<>();
        int position = 0;
        for (CodeElement element : code) {
            if (element instanceof Instruction instruction) {
                int here = position;
                typed.add(new Typed(
                        instruction,
                        variables.stream()
                                .filter(variable -> code.labelToBci(variable.startScope()) <= here
                                        && here < code.labelToBci(variable.endScope()))
                                .toList()));
                position += instruction.sizeInBytes();
            }
        }
        return typed;
    }

    private static Stream<String> literals(ClassModel type) {
        return type.methods().stream()
                .flatMap(method -> typed(method).stream())
                .flatMap(typed -> literal(typed.instruction()).stream())
                .map(HandedOver::name);
    }

    private static Optional<ClassDesc> literal(Instruction instruction) {
        return instruction instanceof ConstantInstruction.LoadConstantInstruction constant
                        && constant.constantEntry() instanceof ClassEntry entry
                ? Optional.of(entry.asSymbol())
                : Optional.empty();
    }

    /** The types of what that call takes as a value or as the type of one; nothing if it is another call. */
    private List<Optional<ClassDesc>> argumentsOf(int at) {
        if (!(code.get(at).instruction() instanceof InvokeInstruction call) || !takesValues(call)) {
            return List.of();
        }
        List<Optional<ClassDesc>> types = new ArrayList<>();
        List<ClassDesc> parameters = call.typeSymbol().parameterList();
        for (int index = 0; index < parameters.size(); index++) {
            if (parameters.get(index).equals(ConstantDescs.CD_Object)
                    || parameters.get(index).equals(ConstantDescs.CD_Class)) {
                types.add(made(at, parameters.size() - index));
            }
        }
        return types;
    }

    private static boolean takesValues(InvokeInstruction call) {
        String owner = call.owner().asSymbol().descriptorString();
        return MAPPERS.contains(owner)
                || (ANSWERS.contains(owner) && ANSWERED_BY.contains(call.name().stringValue()));
    }

    /** The type of what lies so deep on the stack before an instruction, 1 being on top, if the code before it tells. */
    private Optional<ClassDesc> made(int before, int depth) {
        int wanted = depth;
        for (int at = before - 1; at >= 0; at--) {
            Instruction instruction = code.get(at).instruction();
            if (instruction.opcode() == Opcode.DUP) {
                // Of two equal values the lower one is there before.
                wanted = Math.max(1, wanted - 1);
                continue;
            }
            Optional<Effect> effect = effect(code.get(at));
            if (effect.isEmpty()) {
                return Optional.empty();
            }
            int pushed = effect.get().pushed().isPresent() ? 1 : 0;
            if (pushed == wanted) {
                return effect.get()
                        .pushed()
                        .filter(type -> !type.equals(ConstantDescs.CD_Object) && !type.equals(ConstantDescs.CD_Class));
            }
            wanted += effect.get().popped() - pushed;
        }
        return Optional.empty();
    }

    /** How many values an instruction takes from the stack, and the type of the one that it leaves there. */
    private record Effect(int popped, Optional<ClassDesc> pushed) {
        static Optional<Effect> of(int popped, ClassDesc pushed) {
            return Optional.of(
                    new Effect(popped, pushed.equals(ConstantDescs.CD_void) ? Optional.empty() : Optional.of(pushed)));
        }
    }

    private static Optional<Effect> effect(Typed typed) {
        return switch (typed.instruction()) {
            case InvokeInstruction call -> {
                MethodTypeDesc type = call.typeSymbol();
                int receiver = call.opcode() == Opcode.INVOKESTATIC ? 0 : 1;
                yield Effect.of(type.parameterCount() + receiver, type.returnType());
            }
            case InvokeDynamicInstruction call ->
                Effect.of(call.typeSymbol().parameterCount(), call.typeSymbol().returnType());
            case FieldInstruction field ->
                switch (field.opcode()) {
                    case GETSTATIC -> Effect.of(0, field.typeSymbol());
                    case GETFIELD -> Effect.of(1, field.typeSymbol());
                    case PUTSTATIC -> Effect.of(1, ConstantDescs.CD_void);
                    default -> Effect.of(2, ConstantDescs.CD_void);
                };
            case LoadInstruction load -> Effect.of(0, variable(typed, load).orElse(ConstantDescs.CD_Object));
            case StoreInstruction _ -> Effect.of(1, ConstantDescs.CD_void);
            case NewObjectInstruction made -> Effect.of(0, made.className().asSymbol());
            case TypeCheckInstruction check ->
                Effect.of(1, check.opcode() == Opcode.CHECKCAST ? check.type().asSymbol() : ConstantDescs.CD_boolean);
            case ConstantInstruction constant -> Effect.of(0, literal(constant).orElse(ConstantDescs.CD_String));
            case ConvertInstruction convert -> Effect.of(1, convert.toType().upperBound());
            case ArrayLoadInstruction load ->
                Effect.of(2, load.typeKind() == TypeKind.REFERENCE ? ConstantDescs.CD_Object : ConstantDescs.CD_int);
            case BranchInstruction branch
            when branch.opcode() == Opcode.IFEQ || branch.opcode() == Opcode.IFNE ->
                Effect.of(1, ConstantDescs.CD_void);
            default -> Optional.empty();
        };
    }

    private static Optional<ClassDesc> variable(Typed typed, LoadInstruction load) {
        return typed.variables().stream()
                .filter(variable -> variable.slot() == load.slot())
                .map(LocalVariable::typeSymbol)
                .findFirst();
    }

    private static String name(ClassDesc type) {
        ClassDesc element = type;
        while (element.isArray()) {
            element = element.componentType();
        }
        String descriptor = element.descriptorString();
        return element.isPrimitive()
                ? descriptor
                : descriptor.substring(1, descriptor.length() - 1).replace('/', '.');
    }
}
