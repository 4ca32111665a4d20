using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace AiOs.Models.Protocol;

/// <summary>Conditions of the protocol. The message is only made where the condition does not hold.</summary>
static class Expect
{
    public static void That([DoesNotReturnIf(false)] bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Otherwise otherwise)
    {
        if (!holds)
            throw ProtocolException.Bad(otherwise.ToString());
    }

    public static void That([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
            throw ProtocolException.Bad(otherwise);
    }

    /// <summary>An interpolated message that costs nothing while all is well.</summary>
    [InterpolatedStringHandler]
    public ref struct Otherwise
    {
        DefaultInterpolatedStringHandler text;

        public Otherwise(int literalLength, int holes, bool holds, out bool wanted)
        {
            wanted = !holds;
            text = wanted ? new(literalLength, holes) : default;
        }

        public void AppendLiteral(string value) => text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

        public override string ToString() => text.ToStringAndClear();
    }
}
