namespace AiOs.Models.Onnx;

/// <summary>A node of a model that was read; <paramref name="Encoded"/> is NodeProto as it stands.</summary>
internal sealed record OnnxNode(string Op, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, byte[] Encoded)
{
    public static OnnxNode Read(ReadOnlySpan<byte> encoded)
    {
        List<string> inputs = [], outputs = [];
        var op = "";
        for (var field = new ProtoReader(encoded); field.Next();)
            switch (field.Field)
            {
                case 1: inputs.Add(field.Text); break;
                case 2: outputs.Add(field.Text); break;
                case 4: op = field.Text; break;
                default: break;
            }
        return new(op, inputs, outputs, encoded.ToArray());
    }

    public static OnnxNode Of(string op, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        new(op, inputs, outputs, OnnxGraph.Encode(op, inputs, outputs, attributes).Encoded.ToArray());

    /// <summary>The value of an integer attribute, or null where there is none of that name.</summary>
    public long? Integer(string attribute)
    {
        for (var field = new ProtoReader(Encoded); field.Next();)
            if (field.Field == 5)
            {
                var (name, value) = ("", 0L);
                for (var part = new ProtoReader(field.Bytes); part.Next();)
                    if (part.Field == 1)
                        name = part.Text;
                    else if (part.Field == 3)
                        value = (long)part.Number;
                if (name == attribute)
                    return value;
            }
        return null;
    }
}
