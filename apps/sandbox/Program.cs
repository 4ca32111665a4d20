namespace AiOs.Sandbox; static class Program { static void Main() { } }
