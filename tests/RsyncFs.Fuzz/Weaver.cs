using System.Runtime.CompilerServices;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RsyncFs.Fuzz;

/// <summary>
/// Rewrites the library: every basic block counts that it was come to (<see cref="Coverage"/>), and memory that nobody
/// has written yet is filled (<see cref="Poison"/>).
/// </summary>
/// <remarks>Instructions and blocks as in ECMA-335, partition III; AFL's way to guide by hit counts: https://lcamtuf.coredump.cx/afl/technical_details.txt.</remarks>
internal sealed class Weaver : IDisposable
{
    private readonly AssemblyDefinition _assembly;
    private readonly List<string> _owners;

    private Weaver(string path, List<string> owners)
    {
        _owners = owners;
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(path));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        _assembly = AssemblyDefinition.ReadAssembly(
            path,
            new ReaderParameters { AssemblyResolver = resolver }
        );
    }

    private ModuleDefinition Module => _assembly.MainModule;

    /// <summary>The library at <paramref name="path"/>, woven and poisoned.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="owners">For each block that counts the full name of its type; those of this assembly are added.</param>
    public static byte[] WeaveLibrary(string path, List<string> owners)
    {
        using var weaver = new Weaver(path, owners);
        weaver.CountBlocks(inNamespace: null);
        weaver.PoisonMemory();
        return weaver.Save();
    }

    /// <summary>The assembly at <paramref name="path"/>, in which the blocks of one namespace count.</summary>
    /// <inheritdoc cref="WeaveLibrary"/>
    public static byte[] Weave(string path, string inNamespace, List<string> owners)
    {
        using var weaver = new Weaver(path, owners);
        weaver.CountBlocks(inNamespace);
        return weaver.Save();
    }

    private byte[] Save()
    {
        using var woven = new MemoryStream();
        _assembly.Write(woven);
        return woven.ToArray();
    }

    public void Dispose() => _assembly.Dispose();

    private void CountBlocks(string? inNamespace)
    {
        var map = Module.ImportReference(typeof(Coverage).GetField(nameof(Coverage.Map)));
        foreach (var type in Module.GetTypes().Where(IsWanted))
        {
            foreach (var method in type.Methods.Where(method => method.HasBody && !IsMadeByCompiler(method)))
            {
                CountBlocks(method, map);
            }
        }

        if (_owners.Count > Coverage.Map.Length)
        {
            throw new InvalidOperationException($"{_owners.Count} blocks are more than the map has room for");
        }

        bool IsWanted(TypeDefinition type) =>
            inNamespace is null
            || string.Equals(OutermostOf(type).Namespace, inNamespace, StringComparison.Ordinal);
    }

    private void CountBlocks(MethodDefinition method, FieldReference map)
    {
        method.Body.SimplifyMacros();
        var code = method.Body.GetILProcessor();
        foreach (var leader in LeadersOf(method.Body))
        {
            Instruction[] probe =
            [
                Instruction.Create(OpCodes.Ldc_I4, _owners.Count),
                Instruction.Create(OpCodes.Ldelema, Module.TypeSystem.Byte),
                Instruction.Create(OpCodes.Dup),
                Instruction.Create(OpCodes.Ldind_U1),
                Instruction.Create(OpCodes.Ldc_I4_1),
                Instruction.Create(OpCodes.Add),
                Instruction.Create(OpCodes.Conv_U1),
                Instruction.Create(OpCodes.Stind_I1),
                Copy(leader),
            ];
            // The leader becomes the first of the probe: whatever branches to it, or begins with it, does so still.
            leader.OpCode = OpCodes.Ldsfld;
            leader.Operand = map;
            var last = leader;
            foreach (var next in probe)
            {
                code.InsertAfter(last, next);
                last = next;
            }

            _owners.Add(OutermostOf(method.DeclaringType).FullName);
        }

        method.Body.OptimizeMacros();
    }

    private void PoisonMemory()
    {
        foreach (var type in Module.GetTypes())
        {
            foreach (var method in type.Methods.Where(method => method.HasBody))
            {
                PoisonAllocations(method);
            }
        }

        var fillArray = Module.ImportReference(typeof(Poison).GetMethod(nameof(Poison.FillArray)));
        var fillSpan = Module.ImportReference(typeof(Poison).GetMethod(nameof(Poison.FillSpan)));
        AtEnd(MethodOf("RsyncFs.Blocks.ByteWriter", "Reserve"), fillSpan);
        AtEnd(MethodOf("RsyncFs.Protocol.PayloadBuffers", "Rent"), fillArray);
        AtBegin(
            MethodOf("RsyncFs.Protocol.PayloadBuffers", "Return"),
            Instruction.Create(OpCodes.Ldarg_1),
            Instruction.Create(OpCodes.Call, fillArray),
            Instruction.Create(OpCodes.Pop)
        );
        var reset = MethodOf("RsyncFs.Delta.Scratch", "Reset");
        AtBegin(
            reset,
            Instruction.Create(OpCodes.Ldarg_0),
            Instruction.Create(
                OpCodes.Ldfld,
                reset.DeclaringType.Fields.Single(field => field.Name is "_bytes")
            ),
            Instruction.Create(OpCodes.Call, fillArray),
            Instruction.Create(OpCodes.Pop)
        );
        // Its promise of zeros is broken: nobody should live by it.
        var buffer = Module.GetType("RsyncFs.Devices.AlignedBuffer");
        var fillMemory = Module.ImportReference(typeof(Poison).GetMethod(nameof(Poison.FillMemory)));
        var setMemory = buffer.Fields.Single(field => field.FieldType.Name is "Memory`1");
        foreach (var instruction in MethodOf(buffer.FullName, ".ctor").Body.Instructions.ToList())
        {
            if (instruction.OpCode == OpCodes.Stfld && instruction.Operand == setMemory)
            {
                MethodOf(buffer.FullName, ".ctor")
                    .Body.GetILProcessor()
                    .InsertBefore(instruction, Instruction.Create(OpCodes.Call, fillMemory));
            }
        }
    }

    private void PoisonAllocations(MethodDefinition method)
    {
        var allocate = Module.ImportReference(typeof(Poison).GetMethod(nameof(Poison.Allocate)));
        foreach (var instruction in method.Body.Instructions)
        {
            if (
                instruction.Operand is GenericInstanceMethod
                {
                    Name: nameof(GC.AllocateUninitializedArray)
                } call
            )
            {
                var poisoned = new GenericInstanceMethod(allocate);
                poisoned.GenericArguments.Add(call.GenericArguments[0]);
                instruction.Operand = poisoned;
            }
        }
    }

    private MethodDefinition MethodOf(string type, string name) =>
        Module
            .GetType(type)
            .Methods.Single(method => string.Equals(method.Name, name, StringComparison.Ordinal));

    private static void AtBegin(MethodDefinition method, params Instruction[] added)
    {
        var code = method.Body.GetILProcessor();
        var first = method.Body.Instructions[0];
        foreach (var instruction in added)
        {
            code.InsertBefore(first, instruction);
        }
    }

    /// <summary>Lets what <paramref name="method"/> gives go through <paramref name="filter"/>.</summary>
    private static void AtEnd(MethodDefinition method, MethodReference filter)
    {
        var code = method.Body.GetILProcessor();
        foreach (var end in method.Body.Instructions.Where(one => one.OpCode == OpCodes.Ret).ToList())
        {
            var copy = Copy(end);
            end.OpCode = OpCodes.Call;
            end.Operand = filter;
            code.InsertAfter(end, copy);
        }
    }

    /// <summary>The first instructions of all basic blocks: where a method, a handler or a branch begins, and what follows a branch.</summary>
    private static List<Instruction> LeadersOf(MethodBody body)
    {
        var leaders = new HashSet<Instruction> { body.Instructions[0] };
        foreach (var instruction in body.Instructions)
        {
            switch (instruction.Operand)
            {
                case Instruction target:
                    leaders.Add(target);
                    break;
                case Instruction[] targets:
                    leaders.UnionWith(targets);
                    break;
                default:
                    continue;
            }

            if (instruction.Next is { } next)
            {
                leaders.Add(next);
            }
        }

        leaders.UnionWith(body.ExceptionHandlers.Select(handler => handler.HandlerStart));
        return [.. body.Instructions.Where(leaders.Contains)];
    }

    private static Instruction Copy(Instruction instruction)
    {
        var copy = Instruction.Create(OpCodes.Nop);
        copy.OpCode = instruction.OpCode;
        copy.Operand = instruction.Operand;
        return copy;
    }

    // How records are compared and printed, and properties that only store.
    private static bool IsMadeByCompiler(MethodDefinition method) =>
        method.CustomAttributes.Any(one => one.AttributeType.Name is nameof(CompilerGeneratedAttribute));

    private static TypeDefinition OutermostOf(TypeDefinition type) =>
        type.DeclaringType is { } outer ? OutermostOf(outer) : type;
}
