using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace AiOs.Local.Durable.Determinism;

/// <summary>Reads which methods a method's IL names (ECMA-335, partition III): those it calls, makes objects with, or makes delegates of.</summary>
static class CodeReader
{
    static readonly Dictionary<short, OpCode> opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The methods in the order of the code; those that cannot be resolved are left out.</summary>
    public static IEnumerable<MethodBase> MethodsIn(MethodBase method)
    {
        if (Il(method) is not { } code)
            yield break;
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xfe)
                value = unchecked((short)((0xfe << 8) | code[at++]));
            var opCode = opCodes[value];
            if (opCode.OperandType is OperandType.InlineMethod or OperandType.InlineTok
                && Resolve(method.Module, BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), ofType, ofMethod) is { } named)
                yield return named;
            at += SizeOf(opCode.OperandType, code.AsSpan(at));
        }
    }

    // What was compiled at run time (an expression, a dynamic method) has IL that nobody can read.
    static byte[]? Il(MethodBase method)
    {
        try
        {
            return method.GetMethodBody()?.GetILAsByteArray();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static MethodBase? Resolve(Module module, int token, Type[]? ofType, Type[]? ofMethod)
    {
        try
        {
            return module.ResolveMember(token, ofType, ofMethod) as MethodBase;
        }
        catch (Exception unknown) when (unknown is ArgumentException or BadImageFormatException or MissingMemberException or TypeLoadException or IOException)
        {
            return null;
        }
    }

    static int SizeOf(OperandType operand, ReadOnlySpan<byte> rest) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(rest)),
        _ => 4,
    };
}
